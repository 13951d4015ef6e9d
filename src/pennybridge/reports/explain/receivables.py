"""The documents behind open amounts, and the months that count-back DSO goes through."""

from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question
from pennybridge.reports.receivables import EURO
from pennybridge.reports.table import Column, ReportTable, Row, columns, total
from pennybridge.reports.text import Note, Text, show
from pennybridge.reports.words import word

_DOCUMENTS = """
    select
        customers.name, aging.invoice_number, aging.invoice_date, aging.due_date, aging.days_late,
        aging.aging_bucket, aging.total_incl_tax_eur, aging.open_amount_eur,
        case when aging.due_date_assumed then :assumed end, aging.customer_id, aging.invoice_id
    from receivables.aging as aging
    left join billing.customers as customers
        on customers.company_id = aging.company_id and customers.original_id = aging.customer_id
    where aging.company_id = :company_id
      and (:which = '' or aging.aging_bucket = :which
           or (:which = 'overdue' and aging.aging_bucket not in ('not_due', 'unapplied')))
      and (:customer_id = '' or aging.customer_id = :customer_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
    order by aging.days_late desc, abs(aging.open_amount_eur) desc, aging.invoice_number
"""
_DOCUMENT_COLUMNS = (
    *columns(
        "customer text, invoice_number text, invoice_date date, due_date date, days_late count, "
        "aging_bucket word, total_incl_tax amount, open_amount amount"
    ),
    Column("rule", "text"),
    Column("customer_id", "key"),
    Column("invoice_id", "key"),
)


def aging(built: Built, question: Question) -> ReportTable:
    """The open documents, of one bucket or one customer if asked for; a credit note's amount is negative."""
    which = question.which or ""
    rows = built.rows(
        _DOCUMENTS, which=which, customer_id=question.customer_id or "",
        country=question.country or "",
        assumed="due date assumed: none in the document",
    )  # fmt: skip
    totals = total(tuple(rows), _DOCUMENT_COLUMNS)
    kind = Text(f" ({word(which).en})", f" ({word(which).fr})") if which else Text("", "")
    title = Text(f"Open documents{kind.en}", f"Documents ouverts{kind.fr}")
    about = Text(question.customer, question.customer) if question.customer else None
    return built.table(
        "explain", title, _DOCUMENT_COLUMNS, rows, currency=EURO,
        totals=(*totals[:4], None, *totals[5:]), about=about,
    )  # fmt: skip


_STEP_COLUMNS = (
    Column("period_start", "month"),
    Column("sales_incl_tax", "amount"),
    Column("days", "count", Text("Days in month", "Jours du mois")),
    Column("taken", "amount", Text("Taken off", "Retiré")),
    Column("left", "amount", Text("Left", "Reste")),
    Column("days_counted", "days", Text("Days counted", "Jours comptés")),
)


def dso(built: Built, question: Question) -> ReportTable:
    """How count-back DSO of a month is counted, month by month."""
    day = min(question.last or built.as_of, built.as_of)
    index = day.year * 12 + day.month
    owed = built.rows(
        "select open_amount_eur, dso_countback_days from receivables.indicators "
        "where company_id = :company_id and month_index = :month_index",
        month_index=index,
    )
    sales = built.rows(
        "select month_start, sales_incl_tax_eur, days from receivables.monthly_sales "
        "where company_id = :company_id and month_index <= :month_index order by month_index desc",
        month_index=index,
    )
    rows = count_back(owed[0][0], sales) if owed else []
    month = day.replace(day=1)
    title = Text(
        f"Count-back DSO of {show(month, 'month')}", f"DSO par épuisement de {show(month, 'month', 'fr')}"
    )
    totals = ("total", None, None, sum(row[3] for row in rows), None, sum(row[5] for row in rows))
    notes = (Note(_STARTS, {"open": (owed[0][0], "amount")}),) if owed else ()
    return built.table("explain", title, _STEP_COLUMNS, rows, currency=EURO, totals=totals, notes=notes)


_STARTS = Text(
    "{open} are open. Each month's sales are taken off, newest first, and its days counted; the last month "
    "counts "
    "pro rata. A month that sold less than nothing is carried into the month before.",
    "{open} sont ouverts. Les ventes de chaque mois sont retirées, du plus récent au plus ancien, et ses "
    "jours "
    "comptés ; le dernier mois compte au prorata. Un mois négatif est reporté sur le mois précédent.",
)


def count_back(owed: Decimal, sales: list[tuple[date, Decimal, int]]) -> list[Row]:
    """One row a month: its sales, days, what it takes off, what is left, the days counted.

    >>> sales = [(date(2026, 9, 1), Decimal(100), 30), (date(2026, 8, 1), Decimal(100), 31)]
    >>> [row[5] for row in count_back(Decimal(150), sales)]
    [30.0, 15.5]
    """
    rows: list[Row] = []
    left, carried = owed, Decimal(0)
    for month, amount, days in sales:
        if left <= 0:
            break
        available = amount + carried
        carried = min(available, Decimal(0))
        taken = min(max(available, Decimal(0)), left)
        left -= taken
        counted = _days(taken, available, days, is_last=left <= 0)
        rows.append((month, amount, days, taken, left, counted))
    return rows


def _days(taken: Any, available: Any, days: int, *, is_last: bool) -> float:
    return float(days) * (float(taken) / float(available) if is_last else 1.0)
