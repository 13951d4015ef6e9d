"""The engine: keeps every connection in step, on its own schedule, whichever process does the work.

Read `engine.py` first: it is what pages and commands use. `board.py` holds what processes tell each other,
rows in the hub's state, each a value of `sync_state.py`; `schedule.py` says what is due, from values alone;
`worker.py` is the part of a process that works: its tick, its heartbeat, its durable queue (`durable.py`, the
only file that imports DBOS); `sync_one.py` and `chores.py` are the work itself. `metrics.py` and `logs.py`
tell others about it.
"""
