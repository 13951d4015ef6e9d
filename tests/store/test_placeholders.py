"""Parameters are found where they are parameters and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.store import placeholders


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select :a", "select <a>"),
        ("select :a, :b_2, :a", "select <a>, <b_2>, <a>"),
        ("where x = :a::date", "where x = <a>::date"),
        ("select '12:30:00', x::text", "select '12:30:00', x::text"),
        ("select 'it''s :a' || :a", "select 'it''s :a' || <a>"),
        ('select ":a" from t', 'select ":a" from t'),
        ("select 1 -- :a\n, :b", "select 1 -- :a\n, <b>"),
        ("select /* :a \n ' */ :b", "select /* :a \n ' */ <b>"),
        ("do $$ begin :a; end $$; :b", "do $$ begin :a; end $$; <b>"),
        ("do $x$ $$ :a $x$ :b", "do $x$ $$ :a $x$ <b>"),
        ("select array[1,2][:a:2]", "select array[1,2][<a>:2]"),
        ("limit(:a)", "limit(<a>)"),
    ],
)
def test_only_parameters_are_replaced(sql: str, expected: str) -> None:
    assert placeholders.translate(sql, lambda name: f"<{name}>") == expected


@given(st.text())
def test_a_text_in_quotes_is_never_touched(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert placeholders.translate(f"select {quoted}, :a", str.upper) == f"select {quoted}, A"
    assert placeholders.names(f"select {quoted}, :a") == {"a"}
