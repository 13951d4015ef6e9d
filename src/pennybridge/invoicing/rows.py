"""Rows of the documented shape → drafts: cells are read, rows of one invoice brought together."""

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from pennybridge.invoicing.cells import UnreadableCellError, Value, read_cell
from pennybridge.invoicing.drafts import (
    Address,
    Attachment,
    Customer,
    Draft,
    DraftLine,
    Period,
    Product,
    Section,
    Totals,
    TransactionReference,
)
from pennybridge.invoicing.fields import BY_NAME, find_field, nearest_name
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.totals import sum_of_lines
from pennybridge.invoicing.vat import UnknownVatError, vat_code

_SAME_NAME = (
    "number", "date", "due_date", "currency", "language", "subject", "description", "free_text",
    "special_mention", "ledger_label", "purchase_order", "sales_order", "template_id", "template", "credits",
    "categories",
)  # fmt: skip


DEFAULTS = Source("options")
"""Where problems with default values are."""


class Row(msgspec.Struct, frozen=True):
    """One line of an invoice as text, by field name, with the place it was read."""

    source: Source
    cells: Mapping[str, str]
    group: int | None = None
    """Which invoice of the file it belongs to; None lets its reference or number decide."""


class Reading(msgspec.Struct, frozen=True):
    """What a file gave: its drafts, and everything that was wrong with it."""

    drafts: tuple[Draft, ...] = ()
    problems: tuple[Problem, ...] = ()


class RowValues(msgspec.Struct, frozen=True):
    """A row whose cells have been read; cells that could not be are left out."""

    source: Source
    values: dict[str, Value]

    def get(self, name: str) -> Any:
        """The value of a field, None if the cell was empty or unreadable."""
        return self.values.get(name)


def match_columns(names: Sequence[str], source: Source) -> tuple[list[str | None], list[Problem]]:
    """For each column name the field it means, None if it means none or was there before."""
    found: list[str | None] = []
    problems: list[Problem] = []
    for name in names:
        field = find_field(name)
        if field is None:
            near = nearest_name(name)
            mend = (
                f"did you mean {near}?" if near else "take one of the names in the template, or leave it out"
            )
            if name.strip():
                problems.append(source.warning(name.strip(), "is not a column we know; it is not read", mend))
        elif field.name in found:
            problems.append(
                source.problem(field.name, f"stands in two columns, again as {name!r}", "keep one")
            )
            field = None
        found.append(field.name if field else None)
    return found, problems


def build_drafts(
    rows: Iterable[Row], *, decimal_comma: bool = False, defaults: Mapping[str, str] | None = None
) -> Reading:
    """Drafts from rows, one for each reference (else number, else row), in order of first appearance.

    `defaults` are cells by field name, for what no row of an invoice says.
    """
    problems: list[Problem] = []
    given = _read_row(Row(DEFAULTS, defaults or {}), problems, decimal_comma=False)
    groups: dict[object, list[RowValues]] = {}
    for place, row in enumerate(rows):
        read = _read_row(row, problems, decimal_comma=decimal_comma)
        named = [(name, read.get(name)) for name in ("reference", "number") if read.get(name)]
        key = row.group or (named[0] if named else ("row", place))
        groups.setdefault(key, []).append(read)
    drafts = tuple(_draft(group, given, problems) for group in groups.values())
    return Reading(drafts, tuple(problems))


def _read_row(row: Row, problems: list[Problem], *, decimal_comma: bool) -> RowValues:
    values: dict[str, Value] = {}
    for name, text in row.cells.items():
        if not (stripped := text.strip()):
            continue
        try:
            values[name] = read_cell(BY_NAME[name].kind, stripped, decimal_comma=decimal_comma)
        except UnreadableCellError as error:
            problems.append(row.source.problem(name, str(error), error.mend))
    return RowValues(row.source, values)


def _draft(group: list[RowValues], defaults: RowValues, problems: list[Problem]) -> Draft:
    merged = _merged(group, problems)
    first = RowValues(merged.source, {**defaults.values, **merged.values})
    lines, sections = _lines(group, defaults, problems)
    status = first.get("status")
    given = {name: first.get(name) for name in _SAME_NAME if first.get(name) is not None}
    customer = _customer(first)
    if "due_date" not in given and isinstance(given.get("date"), dt.date):
        given["due_date"] = due_date_after(given["date"], customer.payment_conditions)
    return Draft(
        source=msgspec.structs.replace(first.source, prefix=""),
        way="import" if first.get("file") else "create",
        reference=first.get("reference") or "",
        is_final=None if status is None else status == "final",
        customer=customer,
        lines=lines,
        sections=sections,
        discount=first.get("invoice_discount"),
        transaction=_transaction(first),
        totals=_totals(first, lines),
        is_credit_note=bool(first.get("credits")) or _is_negative(lines),
        convert_to_e_invoice=first.get("convert_to_e_invoice") == "yes",
        attachment=None if first.get("file") is None else Attachment(first.get("file")),
        **given,
    )


def _merged(group: list[RowValues], problems: list[Problem]) -> RowValues:
    """What the rows say of the invoice itself: each value once; two different ones are a problem."""
    merged: dict[str, Value] = {}
    for row in group:
        for name, value in row.values.items():
            if BY_NAME[name].level == "line":
                continue
            if merged.setdefault(name, value) != value:
                problems.append(
                    row.source.problem(
                        name,
                        f"differs from the first row of the same invoice ({shown(merged[name])})",
                        "repeat the first row's value, leave it empty, or give this row another reference",
                    )
                )
    return RowValues(group[0].source, merged)


def shown(value: object) -> str:
    """A value as people write it, for messages."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _lines(
    group: list[RowValues], defaults: RowValues, problems: list[Problem]
) -> tuple[tuple[DraftLine, ...], tuple[Section, ...]]:
    sections: dict[str, Section] = {}
    lines: list[DraftLine] = []
    for row in group:
        if not any(BY_NAME[name].level == "line" for name in row.values):
            continue
        filled = RowValues(row.source, {**defaults.values, **row.values})
        title = filled.get("section")
        if title is not None:
            sections.setdefault(title, Section(title, filled.get("section_description")))
        rank = None if title is None else list(sections).index(title) + 1
        lines.append(_line(filled, rank, problems))
    return tuple(lines), tuple(sections.values())


def _line(row: RowValues, section: int | None, problems: list[Problem]) -> DraftLine:
    start, end = row.get("imputation_start"), row.get("imputation_end")
    quantity = row.get("quantity")
    return DraftLine(
        source=row.source,
        label=row.get("label"),
        description=row.get("line_description"),
        unit_price=row.get("unit_price"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit=row.get("unit"),
        vat_code=_vat(row, problems),
        discount=row.get("line_discount"),
        product=Product(
            id=row.get("product_id"),
            reference=row.get("product_reference"),
            external_reference=row.get("product_external_reference"),
            label=row.get("product"),
        ),
        ledger_account_id=row.get("ledger_account_id"),
        ledger_account=row.get("ledger_account"),
        substance=row.get("substance"),
        section=section,
        imputation=Period(start, end) if start or end else None,
        tax_ccy=row.get("line_tax"),
        amount_incl_tax_ccy=row.get("line_total_incl_tax"),
    )


def _vat(row: RowValues, problems: list[Problem]) -> str | None:
    written = row.get("vat")
    if written is None:
        return None
    try:
        return vat_code(written, country=row.get("vat_country") or "FR")
    except UnknownVatError as error:
        problems.append(row.source.problem("vat", str(error), error.mend))
        return None


def _customer(row: RowValues) -> Customer:
    first_name, last_name = row.get("customer_first_name"), row.get("customer_last_name")
    individual = bool(first_name or last_name) and not row.get("customer_name")
    return Customer(
        id=row.get("customer_id"),
        external_reference=row.get("customer_external_reference"),
        reg_no=row.get("customer_reg_no"),
        vat_number=row.get("customer_vat_number"),
        emails=row.get("customer_emails") or (),
        name=row.get("customer_name"),
        kind=row.get("customer_kind") or ("individual" if individual else "company"),
        first_name=first_name,
        last_name=last_name,
        billing_address=_address(row, "customer"),
        delivery_address=_address(row, "delivery"),
        phone=row.get("customer_phone"),
        recipient=row.get("customer_recipient"),
        reference=row.get("customer_reference"),
        payment_conditions=row.get("customer_payment_conditions"),
        language=row.get("customer_language"),
        iban=row.get("customer_iban"),
    )


def _address(row: RowValues, whose: str) -> Address:
    return Address(
        address=row.get(f"{whose}_address"),
        postal_code=row.get(f"{whose}_postal_code"),
        city=row.get(f"{whose}_city"),
        country=row.get(f"{whose}_country"),
    )


def _transaction(row: RowValues) -> TransactionReference | None:
    parts = [row.get(f"transaction_{part}") for part in ("provider", "field", "value")]
    return TransactionReference(*(part or "" for part in parts)) if any(parts) else None


def _totals(row: RowValues, lines: Sequence[DraftLine]) -> Totals | None:
    excl, tax, incl = (row.get(f"total_{part}") for part in ("excl_tax", "tax", "incl_tax"))
    known = [amount for amount in (excl, tax, incl) if amount is not None]
    if len(known) < 2:
        made = sum_of_lines(lines) if known else None
        if made is None:
            return None
        return Totals(
            made.excl_tax_ccy if excl is None else excl,
            made.tax_ccy if tax is None else tax,
            made.incl_tax_ccy if incl is None else incl,
        )
    return Totals(
        incl - tax if excl is None else excl,
        incl - excl if tax is None else tax,
        excl + tax if incl is None else incl,
    )


def _is_negative(lines: Sequence[DraftLine]) -> bool:
    amounts = [(line.unit_price or Decimal(0)) * (line.quantity or Decimal(0)) for line in lines]
    return sum(amounts, Decimal(0)) < 0


def due_date_after(day: dt.date, conditions: str | None) -> dt.date | None:
    """The due date that Pennylane's payment conditions give; None for none or `custom`.

    >>> due_date_after(dt.date(2026, 1, 31), "30_days_end_of_month")
    datetime.date(2026, 3, 31)
    """
    if conditions is None or conditions == "custom":
        return None
    if conditions == "upon_receipt":
        return day
    due = day + dt.timedelta(days=int(conditions.split("_")[0]))
    if conditions.endswith("end_of_month"):
        return due.replace(day=calendar.monthrange(due.year, due.month)[1])
    return due
