"""Accounts: a company's customers and invoices, each with what hangs on it.

Read `books.py` first, then `customers.py` and `invoices.py` (lists), `customer.py`, `invoice.py` and
`exclusion.py`: queries, from values to dataclasses, which the JSON API calls too. `customer_pages.py` and
`invoice_pages.py` are the pages on top of them. Only `pdf.py` talks to Pennylane.
"""
