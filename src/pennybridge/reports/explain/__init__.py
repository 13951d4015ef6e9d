"""What stands behind a figure: the invoice lines, customers or documents it adds up, and the rules at work.

`catalog.py` lists the figures by the names that people type.
"""
