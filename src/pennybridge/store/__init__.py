"""The database: open, transaction, migrate, landing tables, guarded upsert. The only place that imports a driver.

Read `landing.py` first: it is the list of tables and columns. `database.py` is the interface that the rest of the
program uses; `duckdb.py` and `postgresql.py` speak to the two engines. May import settings, clock, money, errors.
"""
