"""Outgoing invoices: upload files, see what the checks say, send, follow each submission, try one again.

Read `batches.py` first: a batch is a folder of files and a row that says how far it is. `uploads.py` takes
files in, `work.py` checks and sends in the background with `pennybridge.invoicing`, `routes.py` has
the pages.
"""
