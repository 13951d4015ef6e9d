"""Pages of connections: connect a company, choose whom to leave out, activate, watch, disconnect.

Read `routes.py` first: the list and one connection. `consent.py` goes to Pennylane and back (OAuth);
`choosing.py` is the step before the first sync, on what `look.py` saw at Pennylane and `pasted.py` made of
what was pasted; `changes.py` are the buttons.
"""
