"""The one client of Pennylane's Company API: typed reads, careful writes, one pace for everybody.

Read `client.py` first: `Client` is the way in. `resources.py` is the table of what can be read.
`exchange.py` sends one request and decides whether it may be sent again; `answers.py` turns what came back
into bytes or an error. `limiter.py` makes threads and processes share the 25 requests per 5 seconds of a
token; its rules are pure, in `budget.py`. May import: settings, clock, errors. The only package that imports
the HTTP library.
"""
