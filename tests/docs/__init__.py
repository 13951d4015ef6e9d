"""What a page shows is true: its commands run, what they print is compared, its files are the real ones.

`pages.py` cuts pages into blocks, `terminal.py` is what a reader types into, `shown.py` compares what a page
shows with what was printed, `surroundings.py` says what a reader of each page has at hand.
"""
