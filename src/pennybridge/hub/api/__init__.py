"""The JSON API: what the pages do, for other programs, under `/api/v1`.

Read `app.py` first. A request brings a key (`keys.py`) as a bearer token; cookies open nothing here, so that
no other site can make a browser use it. `answers.py` has the shapes, from which the OpenAPI document comes.
"""
