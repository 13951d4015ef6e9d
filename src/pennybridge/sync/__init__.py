"""Keeps the landing tables in step with Pennylane: plan, full loads, changes, details, bookmarks.

Read `run.py` first (`sync(...)` is the one way in), then `plan.py` (what is due, a pure function),
`full_load.py` and `changes.py` (the two ways a table is brought up to date), `details.py` (what costs a
request per parent) and `load.py` (how pages become rows). May import connections, api, store and what lies
below them.
"""
