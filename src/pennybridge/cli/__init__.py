"""The commands: arguments become one call, its result becomes a printed report.

Read `main.py` first: it names the commands and loads each one's file only when it is called. `workspace.py`
builds what commands work on (settings, database, state, connections), `output.py` prints. One file per
command group, none of which decides anything about Pennylane. May import every other package, always inside
functions when it is heavy.
"""
