"""The web application: sign in, connect a company, see how fresh its data is, sync it.

Read `app.py` first: it puts the parts together. `people.py` knows users, sessions and the audit trail,
`gate.py` decides what a request may do, `syncing.py` runs syncs in one thread, `pages.py` and `doors.py` hold
the pages behind and before sign-in.
"""
