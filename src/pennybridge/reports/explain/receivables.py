"""The documents behind open amounts and payment delays, and the months that count-back DSO goes through."""

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
    return built.table(
        "explain", title, _DOCUMENT_COLUMNS, rows, currency=EURO,
        totals=(*totals[:4], None, *totals[5:]), about=question.about,
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
    """How count-back DSO of a month is counted, month by month; of a customer, the payment delays."""
    if question.customer_id or question.breakdown == "customer":
        return delays(built, question)
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


# As `receivables.payment_delays` weighs them.
_WEIGHED = """
    with weighed as (
        select
            settlements.customer_id, settlements.invoice_id, 'payment' as entry, settlements.amount_eur,
            settlements.settlement_date, settlements.settlement_date - invoices.due_date as days_late,
            settlements.settlement_date - invoices.date as days_to_pay,
            case when settlements.date_source <> 'last transaction' then 1 else 0 end as payments
        from receivables.settlements as settlements
        join billing.invoices as invoices
            on invoices.company_id = settlements.company_id and invoices.original_id = settlements.invoice_id
        where settlements.company_id = :company_id and not invoices.excluded
          and settlements.settlement_kind in ('transaction', 'unexplained')
          and settlements.date_source <> 'assumed' and settlements.amount_eur > 0
          and settlements.settlement_date <= :as_of
        union all
        select
            customer_id, invoice_id, 'overdue' as entry, open_amount_eur, null as settlement_date, days_late,
            null as days_to_pay, 0 as payments
        from receivables.aging
        where company_id = :company_id and aging_bucket not in ('not_due', 'unapplied')
    )
    select
        customers.name, invoices.invoice_number, invoices.date, invoices.due_date, weighed.entry,
        weighed.settlement_date, weighed.amount_eur, weighed.days_late, weighed.days_to_pay, weighed.payments,
        weighed.customer_id, weighed.invoice_id
    from weighed
    join billing.invoices as invoices
        on invoices.company_id = :company_id and invoices.original_id = weighed.invoice_id
    left join billing.customers as customers
        on customers.company_id = :company_id and customers.original_id = weighed.customer_id
    where :customer_id = '' or weighed.customer_id = :customer_id
    order by weighed.amount_eur * abs(weighed.days_late) desc, invoices.due_date, invoices.invoice_number
"""
_WEIGHED_COLUMNS = (
    *columns("customer text, invoice_number text, invoice_date date, due_date date, entry word"),
    Column("paid_date", "date", Text("Paid on", "Payé le")),
    *columns("amount amount, days_late count, days_to_pay count, payments count"),
    *columns("customer_id key, invoice_id key"),
)
_WEIGHING = Text(
    "Days weighted by amount, early is negative: paid {paid} days late, with what is open and late {open}; "
    "paid {to_pay} days after the invoice. A part of which the books do not say how it was paid counts as no "
    "payment of its own.",
    "Jours pondérés par les montants, négatifs si payé en avance : payé avec {paid} jours de retard, {open} "
    "avec ce qui est ouvert et échu ; payé {to_pay} jours après la facture. Une part dont les livres ne "
    "disent pas comment elle fut payée ne compte pas comme un paiement de plus.",
)


def delays(built: Built, question: Question) -> ReportTable:
    """The payments and the late documents that the payment delays of customers weigh."""
    rows = built.rows(_WEIGHED, as_of=built.as_of, customer_id=question.customer_id or "")
    paid = [row for row in rows if row[4] == "payment"]
    days = {"paid": weighted(paid, 7), "open": weighted(rows, 7), "to_pay": weighted(paid, 8)}
    totals = total(tuple(rows), _WEIGHED_COLUMNS)
    title = Text("Payments and late documents behind delays", "Paiements et retards derrière les délais")
    return built.table(
        "explain", title, _WEIGHED_COLUMNS, rows, currency=EURO,
        totals=(*totals[:7], None, None, *totals[9:]),
        notes=(Note(_WEIGHING, {name: (value, "days") for name, value in days.items()}),),
        about=question.about,
    )  # fmt: skip


def weighted(rows: list[Row], days: int) -> float | None:
    """The days of rows weighted by their amounts; none where there is no amount."""
    amount = sum(row[6] for row in rows)
    return float(sum(row[6] * row[days] for row in rows)) / float(amount) if amount else None
