import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pennybridge.cli import output
from pennybridge.cli.progress import Lines

COLUMNS = ("name", "amount", "day", "at")
ROWS = [
    ("Café [draft]", Decimal("1250.500000"), date(2026, 7, 1), datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
    (None, Decimal(1000), None, None),
]


def test_a_table_shows_decimals_without_trailing_zeros_and_text_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.print_table(COLUMNS, ROWS)

    shown = capsys.readouterr().out
    cells = [line.split() for line in shown.splitlines() if "Café" in line]
    assert cells == [["Café", "[draft]", "1250.5", "2026-07-01", "2026-07-01T08:30:00.000000Z"]]


def test_a_table_is_not_cut_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("text",), [("x" * 400,)])

    assert "x" * 400 in capsys.readouterr().out


def test_decimals_of_a_column_stand_point_under_point(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("amount",), [(Decimal("1250.500000"),), (Decimal("12.34"),), (None,), (Decimal(3),)])

    body = capsys.readouterr().out.splitlines()[2:]
    assert [line.strip() for line in body if line.strip("─ ")] == ["1250.50", "12.34", "3.00"]


def test_columns_of_numbers_stand_on_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("number", "text"), [(output.count(1), "a"), (output.count(12_345), "b")])

    body = capsys.readouterr().out.splitlines()[2:]
    assert [line.strip() for line in body if line.strip("─ ")] == ["1   a", "12,345   b"]


def test_csv_quotes_where_it_must_leaves_null_empty_and_runs_no_formula(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.print_csv(("a", "b"), [('say "so", once', None), (Decimal("-0.10"), "=1+1")])

    assert capsys.readouterr().out == 'a,b\n"say ""so"", once",\n-0.1,\'=1+1\n'


def test_json_keeps_null_and_writes_amounts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_records(COLUMNS, ROWS)

    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "name": "Café [draft]",
        "amount": "1250.5",
        "day": "2026-07-01",
        "at": "2026-07-01T08:30:00.000000Z",
    }
    assert second == {"name": None, "amount": "1000", "day": None, "at": None}


def test_without_a_terminal_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 1.0, 11.0, 11.0, 12.0])
    lines = Lines(monotonic=lambda: next(seconds))

    lines("customers", 100, 1000)
    lines("customers", 500, 1000)
    lines("customers", 1000, 1000)
    lines("customers", 1000, 1000)

    assert capsys.readouterr().err == "customers: 500 of 1,000\ncustomers: 1,000\n"
