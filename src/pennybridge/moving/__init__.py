"""Moves everything an installation knows into one file, and from such a file into an empty installation.

What is moved: the landing tables with their history, bookmarks, work lists, loads and exclusions; what people
decided (overrides) and what was published; connections with their grants, submissions, users, keys and the
audit trail. What is not: models, which a build makes again, and what belongs to a machine or a moment, such
as sessions and the schedule's queue.

`contents.py` says what is moved; `archive.py` is the file; `export.py` and `import_.py` are the two ways in.
May import models and what lies below.
"""
