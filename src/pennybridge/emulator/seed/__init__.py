"""Invented companies to fill books with: a SaaS company with a history, small ones, very large ones.

Read `company.py` first. Everything follows from the books' seed and the company's number: the same twice.
"""
