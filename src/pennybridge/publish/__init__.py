"""Copies of the landing tables and models in any warehouse, brought up to date by what changed.

Read `run.py` first: `publish` is the one way in. `tables.py` says what is published, `differences.py` finds
what a destination lacks by comparing digests of rows with those noted in `memory.py`, `reconcile.py` counts
and adds up on both sides. `sql_warehouse.py` writes DuckDB and PostgreSQL, `dlt_warehouse.py` everything
that dlt reaches; `target.py` reads what a person wrote and opens one of them. May import models and store.
"""
