"""Charts as Vega-Lite specs: plain dicts that hold their data, made from a report's table alone."""
