"""Reports as people and programs get them: text, CSV, JSON, Markdown, SVG, PNG, in both languages."""

import csv
import io
import json
import struct
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pennybridge.reports import render, tables
from pennybridge.reports.built import Built
from pennybridge.reports.catalog import REPORTS, Report
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable, columns
from pennybridge.reports.tables import fitting, to_terminal
from pennybridge.reports.text import Language, Note, Text, show
from pennybridge.reports.words import HEADINGS

DRAWN = [report for report in REPORTS.values() if report.chart]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def a_table(**changes: Any) -> ReportTable:
    """A table with every kind of value, and text that formats must not break."""
    made = ReportTable(
        report="made",
        title=Text("Made", "Fait"),
        columns=columns(
            "customer text, action word, due_date date, amount amount, share share, documents count"
        ),
        rows=(
            ('Café "L\'Été", | [bold]', "call", date(2026, 3, 1), Decimal("1234.5600"), 0.05, 3),
            ("Ligne\nbrisée", None, None, None, None, 0),
        ),
        company="Maison Lumière",
        as_of=date(2026, 3, 31),
        currency="EUR",
        totals=("total", None, None, Decimal("1234.56"), None, 3),
        notes=(Note(Text("Of {sum}.", "Sur {sum}."), {"sum": (Decimal(1234), "amount")}),),
    )
    return replace(made, **changes)


def read_again(cell: str, written: Any) -> Any:
    """A CSV cell as the kind of value it was written from; what is empty was null."""
    if not cell:
        return None
    return date.fromisoformat(cell) if isinstance(written, date) else type(written)(cell)


@pytest.mark.parametrize("name", REPORTS)
def test_csv_read_again_is_the_table(built: Built, name: str) -> None:
    table = REPORTS[name].table(built, Question())

    header, *rows = csv.reader(io.StringIO(tables.to_csv(table)))

    names, all_written = table.with_ids()
    assert header == names
    assert header[: len(table.columns)] == [column.name for column in table.columns]
    assert rows
    for row, written in zip(rows, all_written, strict=True):
        assert tuple(map(read_again, row, written)) == tuple(
            value if value != "" else None for value in written
        )


def test_csv_gives_a_spreadsheet_no_formula_to_run() -> None:
    """Anybody may name a customer; whoever opens the file must not run what the name says."""
    names = ['=HYPERLINK("http://x")', "+33 1 23", "-Sons", "@SUM(A1)", "\t=1", "A=B", "-12.50"]
    table = replace(
        a_table(), columns=columns("customer text, mrr amount"), rows=tuple((n, Decimal(-5)) for n in names)
    )

    _, *rows = csv.reader(io.StringIO(tables.to_csv(table)))

    assert [row[0] for row in rows] == [*(f"'{name}" for name in names[:5]), "A=B", "-12.50"]
    assert {row[1] for row in rows} == {"-5"}


def test_csv_keeps_quotes_line_breaks_and_exact_amounts() -> None:
    header, first, second = csv.reader(io.StringIO(tables.to_csv(a_table())))

    assert header[0] == "customer"
    assert first == ['Café "L\'Été", | [bold]', "call", "2026-03-01", "1234.56", "0.05", "3"]
    assert second == ["Ligne\nbrisée", "", "", "", "", "0"]


def test_json_holds_amounts_as_text_and_says_what_columns_are() -> None:
    document = json.loads(tables.to_json(a_table(), language="fr"))

    assert document["rows"][0]["amount"] == "1234.56"
    assert document["rows"][1]["amount"] is None
    assert document["as_of"] == "2026-03-31"
    assert document["columns"][3] == {"name": "amount", "kind": "amount", "title": "Montant"}
    assert document["notes"] == ["Sur 1\u202f234,00."]


def test_rows_about_customers_carry_their_ids_in_csv_and_json(built: Built) -> None:
    table = REPORTS["aging"].table(built, Question())

    rows = list(csv.DictReader(io.StringIO(tables.to_csv(table))))
    records = json.loads(tables.to_json(table))["rows"]

    ids = built.rows("select customer_id from receivables.aging_by_customer where company_id = :company_id")
    assert sorted(row["customer_id"] for row in rows) == sorted(customer for (customer,) in ids)
    assert [record["customer_id"] for record in records] == [row["customer_id"] for row in rows]


def test_json_carries_the_lines_behind_a_figure() -> None:
    document = json.loads(tables.to_json(a_table(), a_table(report="behind")))

    assert document["explained"]["report"] == "behind"


def test_markdown_cells_keep_to_their_row() -> None:
    lines = tables.to_markdown(a_table()).splitlines()

    body = [line for line in lines if line.startswith("|")]
    assert len(body) == 5
    assert 'Café "L\'Été", \\| [bold]' in body[2]
    assert "**1,234.56**" in body[4]


def test_the_terminal_shows_brackets_as_they_are_and_totals_below() -> None:
    shown = tables.to_text(a_table())

    assert "[bold]" in shown
    assert shown.index("Ligne") < shown.index("Total")


@pytest.mark.parametrize(
    ("value", "kind", "english", "french"),
    [
        (Decimal("1234567.005"), "amount", "1,234,567.01", "1\u202f234\u202f567,01"),
        (Decimal("-0.004"), "amount", "0.00", "0,00"),
        (Decimal("-1234.5"), "whole", "-1,235", "-1\u202f235"),
        (0.9485, "share", "94.9%", "94,9\u202f%"),
        (1.005, "percent", "101%", "101\u202f%"),
        (12.34, "days", "12.3", "12,3"),
        (None, "amount", "", ""),
        (date(2026, 8, 15), "month", "Aug 2026", "août 2026"),
        (date(2026, 4, 1), "quarter", "Q2 2026", "T2 2026"),
        (date(2026, 1, 1), "year", "2026", "2026"),
        (date(2026, 8, 15), "date", "2026-08-15", "15/08/2026"),
        ("over_90", "word", "over 90 days", "plus de 90 jours"),
        ("unknown: none", "word", "to classify: no rule", "à classer : aucune règle"),
        ("never_heard_of", "word", "never heard of", "never heard of"),
        (
            "oldest overdue invoice is 21 days late", "word", "oldest overdue invoice is 21 days late",
            "la facture échue la plus ancienne a 21 jours de retard",
        ),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(value: Any, kind: Any, english: str, french: str) -> None:
    assert (show(value, kind, "en"), show(value, kind, "fr")) == (english, french)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_every_column_of_every_report_has_a_heading_in_both_languages(
    built: Built, name: str, language: Language
) -> None:
    table = REPORTS[name].table(built, Question())

    assert all(column.heading or column.name in HEADINGS for column in table.columns)
    assert tables.to_markdown(table, language).startswith(f"# {table.title.to(language)}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("report", DRAWN, ids=lambda report: report.name)
def test_every_chart_is_well_formed_and_holds_its_title_and_company(
    built: Built, report: Report, language: Language
) -> None:
    table = report.table(built, Question())
    assert report.chart

    texts = svg_texts(report.chart(table, language))

    assert any("Atelier Numérique" in text for text in texts)
    if report.name != "retention":  # its chart shows two of its rates, and is called so
        assert any(text.startswith(table.title.to(language)) for text in texts)


def test_a_chart_in_french_writes_amounts_months_and_accents_in_french(built: Built) -> None:
    report = REPORTS["movements"]
    assert report.chart

    texts = svg_texts(report.chart(report.table(built, Question()), "fr"))

    assert {"Réactivation", "févr. 2025"} <= set(texts)
    assert {"0\u00a0€", "1\u00a0k€", "\u22121\u00a0k€"} <= set(texts)


def test_an_open_point_marks_months_that_may_still_change(built: Built) -> None:
    report = REPORTS["mrr"]
    table = report.table(built, Question())
    assert report.chart

    values = report.chart(table, "en")["data"]["values"]

    assert [value["open"] for value in values] == [status != "final" for status in table.values("status")]
    assert values[-1]["open"]
    assert not values[0]["open"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("mrr", Question(breakdown="product")),
        ("mrr", Question(currency="CHF")),
        ("movements", Question(breakdown="country")),
        ("revenue", Question(breakdown="customer")),
        ("aging", Question(granularity="month")),
        ("aging", Question(breakdown="country")),
        ("dso", Question(breakdown="customer")),
        ("cohorts", Question(granularity="month", measure="revenue")),
        ("cohorts", Question(granularity="year", measure="gross")),
    ],
)
def test_every_view_of_a_report_can_be_drawn(built: Built, name: str, asked: Question) -> None:
    report = REPORTS[name]
    assert report.chart

    assert svg_texts(report.chart(report.table(built, asked), "en"))


def test_a_png_has_twice_the_size_of_its_svg(built: Built) -> None:
    report = REPORTS["dso"]
    assert report.chart
    spec = report.chart(report.table(built, Question()), "en")

    png = render.to_png(spec)

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    drawn = ET.fromstring(render.to_svg(spec))  # noqa: S314 — our own drawing
    assert width == pytest.approx(2 * float(drawn.attrib["width"]), abs=2)
    assert height == pytest.approx(2 * float(drawn.attrib["height"]), abs=2)


def svg_texts(spec: dict[str, Any]) -> list[str]:
    drawn = ET.fromstring(render.to_svg(spec))  # noqa: S314 — our own drawing
    return [element.text or "" for element in drawn.iter("{http://www.w3.org/2000/svg}text")]


def test_a_long_name_folds_before_what_is_owed_makes_way(built: Built) -> None:
    table = REPORTS["aging"].table(built, Question())
    at = [column.name for column in table.columns].index("customer")
    rows = tuple((*row[:at], "Établissements de la Rochefoucauld " * 4, *row[at + 1 :]) for row in table.rows)

    narrow, _ = fitting(replace(table, rows=rows), 60)

    assert [column.name for column in narrow.columns][-2:] == ["overdue", "open_amount"]
    drawn = io.StringIO()
    Console(file=drawn, width=60).print(to_terminal(narrow))
    for row in narrow.rows:
        assert f" {show(row[-1], 'amount')} " in drawn.getvalue()


def test_headings_of_several_words_fold_before_names_are_broken(built: Built) -> None:
    """French headings are long: "Plus de 90 jours" over "20 654,85"."""
    narrow, _ = fitting(REPORTS["aging"].table(built, Question()), 110, "fr")
    drawn = io.StringIO()
    Console(file=drawn, width=110).print(to_terminal(narrow, "fr", width=110))

    assert "Plus de" in drawn.getvalue()
    assert "Plus de 90 jours" not in drawn.getvalue()
    for word in " ".join(str(row[0]) for row in narrow.rows).split():
        assert word in drawn.getvalue()


def test_an_empty_column_is_the_first_to_make_way(built: Built) -> None:
    table = REPORTS["to-do"].table(built, Question())
    at = [column.name for column in table.columns].index("reason")
    empty = replace(table, rows=tuple((*row[:at], None, *row[at + 1 :]) for row in table.rows))
    width = 90

    assert "Reason" not in fitting(table, width)[1]
    assert "Reason" in fitting(empty, width)[1]
