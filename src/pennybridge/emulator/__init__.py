"""A stateful, verified fake of Pennylane's Company API: books, rules and faults behind real HTTP.

Read `server.py` first (how it is started), then `books.py` (all state) and `app.py` (how a request is
answered).
Imports nothing of what it is used to test.
"""
