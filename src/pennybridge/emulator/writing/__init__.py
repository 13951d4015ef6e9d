"""What the API's writes do, one file a subject; `emulator.writes.WRITES` names them all.

A handler takes a `Call` whose body the contract has already allowed and runs in one transaction of the
books. Business rules answer 422, ids that are unknown or another company's 404, also those in the body
(assumed). Read `customers.py` first.
"""
