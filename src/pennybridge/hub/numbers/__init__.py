"""The figures of a company as pages: an overview, each report with its chart, what stands behind a figure.

Read `pages.py` first. `books.py` finds the models to read: the built ones, or those of a past day, which
`past_days.py` makes in a small database of their own. `asked.py` turns an address into a question and back,
`answers.py` answers it once per build. `grid.py` lays a report's table out, with the links of `behind.py`
from each figure to what it is made of; `tiles.py` and `messages.py` say what matters most.
"""
