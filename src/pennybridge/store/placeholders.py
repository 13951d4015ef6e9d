"""`:name` parameters in SQL, found where they are parameters and nowhere else.

Both engines read the same statements; each has its own way to write a parameter. Strings, quoted names,
comments, dollar-quoted texts and `::casts` are left as they are.
"""

import re
from collections.abc import Callable

_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*'                 # text
    | "(?:[^"]|"")*"                 # quoted name
    | --[^\n]*                       # comment to the end of the line
    | /\*.*?\*/                      # comment
    | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)   # dollar-quoted text
    | ::                             # cast
    | (?<![\w:]):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


def translate(sql: str, write: Callable[[str], str]) -> str:
    """The statement with each `:name` replaced by `write(name)`.

    >>> translate("select ':a', :b::date -- :c", lambda name: "$" + name)
    "select ':a', $b::date -- :c"
    """
    return _TOKENS.sub(lambda found: write(found["name"]) if found["name"] else found[0], sql)


def without_end(sql: str) -> str:
    """The statement without what may follow it: semicolons, spaces and comments.

    >>> without_end("select ';' -- all ; of it")
    "select ';'"
    """
    visible = _TOKENS.sub(
        lambda found: (" " if found[0].startswith(("--", "/*")) else "x") * len(found[0]), sql
    )
    return sql[: len(visible.rstrip("; \t\r\n"))]


def names(sql: str) -> set[str]:
    """The parameters that a statement asks for.

    >>> sorted(names("select :b, :a, ':c'"))
    ['a', 'b']
    """
    return {found["name"] for found in _TOKENS.finditer(sql) if found["name"]}
