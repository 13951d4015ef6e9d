"""The web application: sign in, connect companies, keep them in step, see what they owe and earn.

Read `app.py` first: it puts the parts together. `people.py` knows users, sessions and the audit trail,
`gate.py` decides what a request may do, `engine/` keeps connections in step. Each section of pages is a
folder of its own; `doors.py` holds the pages before sign-in.
"""
