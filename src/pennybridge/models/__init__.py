"""SQL models: from landing tables to the billing model, SaaS metrics and receivables.

Each `.sql` file is one SELECT, named by its folder and file; `catalog.toml` says what one row of it is.
`build.py` runs them in the order that `graph.py` reads off them, the same text in DuckDB and PostgreSQL.
What SQL cannot do is Python that fills a table of its own: `label_readings.py`, `ecb_rates.py`.
May import store, periods, money, clock and errors; never the network.
"""
