"""Compares a company in the database with Pennylane and names every difference.

Pennylane's lists tell no totals, so there is no way to count but to read. A list is cut into windows of as
many of our records as one answer holds: a window costs one request and shows what is missing, what is extra,
and every field of every record in it. A sample of windows is compared, or all of them.

Read `run.py` first, the only way in; `report.py` says what comes out. May import sync and what lies below.
"""
