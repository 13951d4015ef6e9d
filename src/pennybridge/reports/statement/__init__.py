"""Statements of account: what a customer was billed, paid and still owes; no invoice, and they say so."""
