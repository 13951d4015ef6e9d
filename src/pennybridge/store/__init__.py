"""The database: open, transaction, migrate, landing tables, guarded upsert. Drivers are imported only here.

Read `landing.py` first: it is the list of tables and columns. `database.py` and `transaction.py` are the
interface that the rest of the program uses (`open_database`, `Database`, `Transaction`); `batches.py` turns
records into Arrow; `upsert.py` and `deletions.py` hold the SQL; `duckdb.py` and `postgresql.py` speak to the
two engines. `state.py` keeps the hub's own state. May import clock and errors. No driver is imported before a
database is opened.
"""

from pennybridge.store.database import Database, open_database, open_warehouse
from pennybridge.store.state import StateDatabase, StateTransaction, open_state
from pennybridge.store.transaction import Transaction, UpsertCounts

__all__ = [
    "Database",
    "StateDatabase",
    "StateTransaction",
    "Transaction",
    "UpsertCounts",
    "open_database",
    "open_state",
    "open_warehouse",
]
