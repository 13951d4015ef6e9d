"""What people see of the models: typed tables, charts, statements, and the lines behind a number.

`catalog.py` lists the reports. Each makes a `ReportTable` from the built models (`built.py`) and a
`Question`; a chart is a Vega-Lite spec made from that table alone. `tables.py` and `render.py` turn both into
text, SVG and PNG. `explain/` opens a figure. May import models, store, periods, money, clock and errors.
"""
