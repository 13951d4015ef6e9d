"""What customers owe and how late it is, how long it takes to be paid, and what to do about it."""

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question, refuse
from pennybridge.reports.table import ReportTable, columns, total
from pennybridge.reports.text import Note, Text

EURO = "EUR"
"""Receivables are in euros, tax included, as Pennylane keeps what remains to be paid."""

_BUCKETS = "not_due amount, 1_30 amount, 31_60 amount, 61_90 amount, over_90 amount"
_SUMS = """
    sum(aging.not_due_eur), sum(aging.late_1_30_eur), sum(aging.late_31_60_eur), sum(aging.late_61_90_eur),
    sum(aging.late_over_90_eur), sum(aging.overdue_eur), sum(aging.unapplied_eur), sum(aging.open_amount_eur)
"""
_BY_CUSTOMER = """
    select
        customers.name, aging.not_due_eur, aging.late_1_30_eur, aging.late_31_60_eur, aging.late_61_90_eur,
        aging.late_over_90_eur, aging.overdue_eur, aging.unapplied_eur, aging.open_amount_eur,
        aging.days_late, delays.payment_rating, aging.customer_id
    from receivables.aging_by_customer as aging
    left join billing.customers as customers
        on customers.company_id = aging.company_id and customers.original_id = aging.customer_id
    left join receivables.payment_delays as delays
        on delays.company_id = aging.company_id and delays.customer_id = aging.customer_id
    where aging.company_id = :company_id
    order by aging.overdue_eur desc, aging.open_amount_eur desc, customers.name
"""
_BY_COUNTRY = f"""
    select coalesce(customers.country, '??'), {_SUMS}, max(aging.days_late), coalesce(customers.country, '??')
    from receivables.aging_by_customer as aging
    left join billing.customers as customers
        on customers.company_id = aging.company_id and customers.original_id = aging.customer_id
    where aging.company_id = :company_id
    group by 1
    order by 7 desc, 1
"""  # noqa: S608 — text of ours
# The as-of day stands beside the ends of the months before it.
_BY_MONTH = """
    select
        ends.snapshot_date, ends.not_due_eur, ends.late_1_30_eur, ends.late_31_60_eur, ends.late_61_90_eur,
        ends.late_over_90_eur, ends.overdue_eur, ends.unapplied_eur, ends.open_amount_eur
    from receivables.month_ends as ends
    where ends.company_id = :company_id and ends.snapshot_date between :first and :last
      and (:months = 1 or ends.is_as_of or extract(month from ends.snapshot_date) in (3, 6, 9, 12))
      and (:months < 12 or ends.is_as_of or extract(month from ends.snapshot_date) = 12)
    order by ends.snapshot_date
"""
_DOCUMENTS = """
    select
        aging.invoice_number, aging.invoice_date, aging.due_date, aging.days_late, aging.aging_bucket,
        aging.total_incl_tax_eur, aging.open_amount_eur, aging.invoice_id
    from receivables.aging as aging
    where aging.company_id = :company_id and aging.customer_id = :customer_id
    order by aging.due_date, aging.invoice_number
"""
_BY_DUE_DATE = Note(
    Text(
        "Open amounts as of the date, tax included, by days past the due date; an invoice is not late on "
        "its due "
        "date. Open = not due + overdue - unapplied: credits and payments not applied yet stand in a "
        "column of "
        "their own.",
        "Montants ouverts à la date, TTC, par jours de retard sur l'échéance ; une facture n'est pas en "
        "retard le "
        "jour de son échéance. Ouvert = non échu + échu - non affecté : avoirs et paiements non affectés "
        "ont leur "
        "propre colonne.",
    )
)


def aging(built: Built, question: Question) -> ReportTable:
    """What each customer owes by how late it is; by country, at month ends, or one customer's documents."""
    has_range = bool(question.first or question.last)
    refuse(
        has_range and not question.granularity,
        "Aging speaks for one day: name it with --as-of, or see month ends in a range with --by month.",
    )
    refuse(
        bool(question.granularity and (question.customer_id or question.breakdown)),
        "Aging by month is that of all customers: leave the customer or the breakdown away, or the period.",
    )
    refuse(
        bool(question.customer_id and question.breakdown),
        "One customer's aging is a list of documents: leave the breakdown away, or the customer.",
    )
    title = Text("Aging of receivables", "Balance âgée")
    if question.customer_id:
        kinds = columns(
            "invoice_number text, invoice_date date, due_date date, days_late count, aging_bucket word, "
            "total_incl_tax amount, open_amount amount, invoice_id key"
        )
        rows = built.rows(_DOCUMENTS, customer_id=question.customer_id)
        about = question.about
    elif question.granularity:
        kinds = columns(
            f"snapshot_date date, {_BUCKETS}, overdue amount, unapplied amount, open_amount amount"
        )
        asked = question.within(built.as_of)
        months = {"month": 1, "quarter": 3, "year": 12}[question.granularity]
        rows = built.rows(_BY_MONTH, first=asked.first, last=asked.last, months=months)
        notes = (_BY_DUE_DATE, *_undated(built, asked))
        return built.table("aging", title, kinds, rows, currency=EURO, notes=notes)
    else:
        by_country = question.breakdown == "country"
        kinds = columns(
            f"{'country' if by_country else 'customer'} text, {_BUCKETS}, overdue amount, unapplied amount, "
            "open_amount amount, oldest_days_late count"
            + (", country_code key" if by_country else ", payment_rating text, customer_id key")
        )
        rows = built.rows(_BY_COUNTRY if by_country else _BY_CUSTOMER)
        about = None
    totals = list(total(tuple(rows), kinds))
    for position, column in enumerate(kinds):
        if column.name in {"days_late", "oldest_days_late"}:
            totals[position] = max((row[position] for row in rows), default=None)
    return built.table(
        "aging", title, kinds, rows, currency=EURO, totals=tuple(totals), notes=(_BY_DUE_DATE,), about=about
    )


_DSO = """
    select
        month_start, open_amount_eur, sales_incl_tax_eur,
        dso_countback_days, dso_simple_days, best_possible_dso_days, average_days_delinquent,
        collection_effectiveness, case when is_beyond_history then history_days end,
        case when is_as_of and snapshot_date < cast(month_start + interval '1 month' as date) - 1
             then 'in_progress' else 'final' end
    from receivables.indicators
    where company_id = :company_id and snapshot_date between :first and :last
    order by snapshot_date
"""
_DSO_COLUMNS = columns(
    "period_start month, open_amount amount, sales_incl_tax amount, dso_countback days, dso_simple days, "
    "best_possible_dso days, days_delinquent days, collection_effectiveness share, beyond_history_of days, "
    "status word"
)
_COUNT_BACK = Note(
    Text(
        "Count-back DSO takes each month's sales off the open amounts, newest first, in real days; simple "
        "DSO "
        "divides by three months of sales, and so does best possible DSO, with what is not due only. "
        "Average days "
        "delinquent = simple - best possible.",
        "Le DSO par épuisement retire des montants ouverts les ventes de chaque mois, du plus récent au "
        "plus ancien, "
        "en jours réels ; le DSO simple divise par trois mois de ventes, comme le meilleur DSO possible, "
        "qui ne "
        "prend que le non échu. Retard moyen = simple - meilleur possible.",
    )
)
_DELAYS = """
    select
        customers.name, delays.payments, delays.paid_amount_eur, delays.payment_delay_days,
        delays.payment_delay_with_open_days, delays.days_to_pay, delays.payment_rating, delays.customer_id
    from receivables.payment_delays as delays
    left join billing.customers as customers
        on customers.company_id = delays.company_id and customers.original_id = delays.customer_id
    where delays.company_id = :company_id
      and (:customer_id = '' or delays.customer_id = :customer_id)
    order by delays.payment_delay_with_open_days desc, customers.name
"""
_WEIGHTED = Note(
    Text(
        "Days between due date and payment, weighted by amount; early is negative. The second delay counts "
        "what is "
        "open and late as late as it is, and gives the rating: A up to 30 days, B to 60, C to 90, D beyond.",
        "Jours entre échéance et paiement, pondérés par les montants ; négatif si payé en avance. Le "
        "second délai "
        "compte ce qui est ouvert et en retard, et donne la note : A jusqu'à 30 jours, B 60, C 90, D "
        "au-delà.",
    )
)


def dso(built: Built, question: Question) -> ReportTable:
    """Days sales outstanding at each month's end; or how late each customer pays."""
    if question.breakdown == "customer" or question.customer_id:
        refuse(
            bool(question.first or question.last or question.granularity),
            "Payment delays of customers are of all time, up to --as-of: leave range and period away.",
        )
        kinds = columns(
            "customer text, payments count, paid_amount amount, payment_delay days, "
            "payment_delay_with_open days, "
            "days_to_pay days, payment_rating text, customer_id key"
        )
        rows = built.rows(_DELAYS, customer_id=question.customer_id or "")
        title = Text("Payment delays", "Délais de paiement")
        return built.table("dso", title, kinds, rows, currency=EURO, notes=(_WEIGHTED,))
    asked = question.within(built.as_of)
    rows = built.rows(_DSO, first=asked.first, last=asked.last)
    title = Text("Days sales outstanding (DSO)", "Délai moyen de paiement clients (DSO)")
    notes = (_COUNT_BACK, *_undated(built, asked))
    return built.table("dso", title, _DSO_COLUMNS, rows, currency=EURO, notes=notes)


_UNDATED = """
    select count(*), coalesce(sum(abs(amount_eur)), 0)
    from receivables.settlements
    where company_id = :company_id and date_source = 'assumed' and settlement_date between :first and :last
"""
_ON_THE_DUE_DATE = Text(
    "Settled in this time on a day that nobody knows, so counted on the due date: {amount}, documents: "
    "{documents}. Their payments were not read yet, or they were marked as paid by hand.",
    "Réglé dans cette période à une date inconnue, donc compté à l'échéance : {amount}, documents : "
    "{documents}. Les paiements ne sont pas encore lus, ou la facture a été marquée payée à la main.",
)


def _undated(built: Built, asked: Question) -> tuple[Note, ...]:
    """What past amounts rest on where no payment says when, if there is any."""
    documents, amount = built.rows(_UNDATED, first=asked.first, last=asked.last)[0]
    if not documents:
        return ()
    return (Note(_ON_THE_DUE_DATE, {"amount": (amount, "amount"), "documents": (documents, "count")}),)


_TO_DO = """
    select
        customers.name, to_do.action, to_do.reason, to_do.overdue_eur, to_do.unapplied_eur, to_do.days_late,
        to_do.payment_rating, to_do.next_due_date, to_do.score, to_do.customer_id
    from receivables.to_do as to_do
    left join billing.customers as customers
        on customers.company_id = to_do.company_id and customers.original_id = to_do.customer_id
    where to_do.company_id = :company_id and (:customer_id = '' or to_do.customer_id = :customer_id)
    order by to_do.score desc, to_do.overdue_eur desc, customers.name
"""
_PROPOSES = Note(
    Text(
        "One proposal per customer, the most urgent first; score = overdue × age × how the customer "
        "usually pays. "
        "Nothing is sent, and Pennylane may send reminders of its own.",
        "Une proposition par client, la plus urgente d'abord ; score = échu × ancienneté × habitude de "
        "paiement. "
        "Rien n'est envoyé, et Pennylane peut relancer de son côté.",
    )
)


def to_do(built: Built, question: Question) -> ReportTable:
    """What to do next about each customer who owes, and why."""
    rows = built.rows(_TO_DO, customer_id=question.customer_id or "")
    kinds = columns(
        "customer text, action word, reason word, overdue amount, unapplied amount, days_late count, "
        "payment_rating text, next_due_date date, score count, customer_id key"
    )
    return built.table("to-do", Text("To do", "À faire"), kinds, rows, currency=EURO, notes=(_PROPOSES,))
