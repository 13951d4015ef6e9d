"""The grants: which companies we may read, their sealed tokens, and the customers left out.

Read `connection.py` first: a connection is a company's grant to us, with its state and settings. `tokens.py`
seals and unseals grants, the only place besides the request header where a token exists. `exclusions.py`
holds the customers a company leaves out. May import api, store, settings, clock and errors.
"""
