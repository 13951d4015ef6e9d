"""Invoices out: read them, check them, send each exactly once, follow them up.

Files become drafts (`read_csv`, `read_json`, `read_facturx`), drafts are checked without a connection
(`validate`), and a checked draft becomes the exact JSON body that Pennylane is sent (`bodies`). A draft holds
what is meant; nothing in it is made up: what a file does not say stays None and is a problem if it is needed.

A batch is looked over (`prepare`), sent (`submit`) under the guard of a journal (`submissions`), read back
(`verify`) and followed up (`follow_up`).

Read `drafts.py` first, then `validate.py`, then `run.py`. May import connections, api, store and what lies
below.
"""
