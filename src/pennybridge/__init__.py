"""Pennybridge: a Pennylane company's books in your own database, kept in step."""

__version__ = "0.1.0"
