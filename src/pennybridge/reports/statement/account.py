"""A customer's account: opening balance, every document and payment in order, closing balance, aging."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.reports.built import WITH_TAX, Built
from pennybridge.reports.table import Column, ReportTable, Row, columns
from pennybridge.reports.text import Note, Text

BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90")
ZERO = Decimal(0)

_CUSTOMER = """
    select customers.name, landing.billing_address, landing.billing_postal_code, landing.billing_city,
           landing.billing_country, landing.reference, landing.vat_number
    from billing.customers as customers
    left join pennylane.customers as landing
        on landing.company_id = customers.company_id and cast(landing.id as text) = customers.original_id
    where customers.company_id = :company_id and customers.original_id = :customer_id
"""
_ENTRIES = """
    select entry_date, entry_kind, invoice_number, due_date, debit_eur, credit_eur, balance_eur
    from receivables.statement_rows
    where company_id = :company_id and customer_id = :customer_id
    order by row_number
"""
_OPEN_ITEMS = """
    select invoice_date, case when is_credit_note then 'credit_note' else 'invoice' end, invoice_number,
           case when not is_credit_note then due_date end, days_late, total_incl_tax_eur, open_amount_eur
    from receivables.aging
    where company_id = :company_id and customer_id = :customer_id
    order by receivables.aging.due_date, invoice_date, invoice_number
"""
_AGING = """
    select not_due_eur, late_1_30_eur, late_31_60_eur, late_61_90_eur, late_over_90_eur, overdue_eur,
           unapplied_eur, open_amount_eur
    from receivables.aging_by_customer
    where company_id = :company_id and customer_id = :customer_id
"""
TITLE = Text("Statement of account", "Relevé de compte")
NOT_AN_INVOICE = Text(
    "This statement is no invoice and has no tax value; the documents it lists are what counts.",
    "Ce relevé n'est pas une facture et n'a aucune valeur fiscale ; seuls les documents listés font foi.",
)
OPEN_ITEMS_ONLY = Text("open items only", "postes ouverts uniquement")
_COLUMNS = columns(
    "date date, entry word, invoice_number text, due_date date, debit amount, credit amount, balance amount"
)
_OPEN_COLUMNS = columns(
    "date date, entry word, invoice_number text, due_date date, days_late count, total_incl_tax amount, "
    "open_amount amount, balance amount"
)


@dataclass(frozen=True)
class Account:
    """A statement's content; amounts in euros, tax included, a positive balance is owed by the customer."""

    company: str
    customer: str
    address: tuple[str, ...]
    reference: str | None
    as_of: date
    first: date | None
    """Where the statement begins; what came before is in the opening balance."""
    is_open_items: bool
    opening: Decimal
    closing: Decimal
    rows: tuple[Row, ...]
    """As the columns of `table` say; the last value is the balance after the row."""
    buckets: dict[str, Decimal]
    overdue: Decimal
    unapplied: Decimal

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the values of a row are."""
        return _OPEN_COLUMNS if self.is_open_items else _COLUMNS

    def table(self) -> ReportTable:
        """The statement as a table, its opening balance as the first row."""
        empty: list[Any] = [None] * (len(self.columns) - 3)
        rows = list(self.rows)
        if self.first and not self.is_open_items:
            rows.insert(0, (self.first, "opening_balance", *empty, self.opening))
        return ReportTable(
            report="statement",
            title=TITLE,
            columns=self.columns,
            rows=tuple(rows),
            company=self.company,
            as_of=self.as_of,
            currency="EUR",
            tax=WITH_TAX,
            about=Text(self.customer, self.customer),
            notes=(self._sums(), Note(NOT_AN_INVOICE)),
        )

    def _sums(self) -> Note:
        text = Text(
            "Balance {closing}, of which overdue {overdue}; not applied yet {unapplied}.",
            "Solde {closing}, dont échu {overdue} ; non affecté {unapplied}.",
        )
        amounts = {"closing": self.closing, "overdue": self.overdue, "unapplied": self.unapplied}
        return Note(text, {name: (amount, "amount") for name, amount in amounts.items()})


def account(
    built: Built, customer_id: str, *, first: date | None = None, open_items: bool = False
) -> Account:
    """The account of a customer as of the day the models speak for.

    Args:
        built: The models.
        customer_id: Whose account.
        first: Where the statement begins; the whole history when absent. Open items have no beginning.
        open_items: Only documents with an open amount, each with that amount.
    """
    name, *address, reference, _ = built.rows(_CUSTOMER, customer_id=customer_id)[0]
    aging = (built.rows(_AGING, customer_id=customer_id) or [(ZERO,) * 8])[0]
    opening = ZERO
    if open_items:
        rows = _with_balances(built.rows(_OPEN_ITEMS, customer_id=customer_id))
    else:
        entries = built.rows(_ENTRIES, customer_id=customer_id)
        before = [row for row in entries if first and row[0] < first]
        opening = before[-1][-1] if before else ZERO
        rows = entries[len(before) :]
    return Account(
        company=built.company,
        customer=name,
        address=_address(*address),
        reference=reference,
        as_of=built.as_of,
        first=first,
        is_open_items=open_items,
        opening=opening,
        closing=rows[-1][-1] if rows else opening,
        rows=tuple(rows),
        buckets=dict(zip(BUCKETS, aging[:5], strict=True)),
        overdue=aging[5],
        unapplied=aging[6],
    )


def _with_balances(rows: list[Row]) -> list[Row]:
    balance = ZERO
    counted: list[Row] = []
    for row in rows:
        balance += row[-1]
        counted.append((*row, balance))
    return counted


def _address(
    street: str | None, zip_code: str | None, city: str | None, country: str | None
) -> tuple[str, ...]:
    town = " ".join(part for part in (zip_code, city) if part)
    lines = (*(street or "").splitlines(), town, country if country and country != "FR" else "")
    return tuple(line.strip() for line in lines if line and line.strip())
