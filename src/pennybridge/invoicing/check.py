"""Is a draft fit to be sent: everything that can be known without a connection, all of it at once.

What Pennylane is known to refuse is an error; what it takes though it is probably a mistake is a warning.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pennybridge.invoicing.cells import PROVIDER_FIELDS, PROVIDERS
from pennybridge.invoicing.check_amounts import check_amounts
from pennybridge.invoicing.drafts import CategoryWeight, Customer, Draft, DraftLine
from pennybridge.invoicing.identifiers import is_iban, is_reg_no, is_vat_number
from pennybridge.invoicing.problems import MISSING, Problem, Source

# https://pennylane.readme.io/reference/postcustomerinvoices (September 2026)
_LONGEST = {
    "description": 5000,
    "special_mention": 20_000,
    "ledger_label": 2000,
    "purchase_order": 50,
    "sales_order": 50,
}
_E_INVOICE_NUMBER = re.compile(r"[A-Za-z0-9+_/-]{1,35}")


def check_draft(draft: Draft) -> list[Problem]:
    """Every problem of one draft, in the order of its fields."""
    checks = [_check_document, _check_dates, _check_customer, _check_texts, _check_links]
    if draft.way != "e_invoice":  # Pennylane reads lines and amounts of those itself
        checks += [_check_lines, check_amounts]
    found = [problem for check in checks for problem in check(draft)]
    return [*found, *check_categories(draft.categories, draft.source)]


def check_batch(drafts: Iterable[Draft]) -> list[Problem]:
    """Problems between drafts: a reference, a number or a file that comes twice."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        keys = {
            "reference": draft.reference,
            "number": (draft.number or "").strip(),
            "file": draft.attachment.sha256 if draft.attachment else "",
        }
        firsts = ((field, seen.setdefault((field, key), draft)) for field, key in keys.items() if key)
        again = next(((field, first) for field, first in firsts if first is not draft), None)
        if again is not None:
            problems.append(_twice(draft, *again))
    return problems


def _twice(draft: Draft, field: str, first: Draft) -> Problem:
    where = first.source.file if first.source.row is None else f"{first.source.file}:{first.source.row}"
    same_seller = _seller_name(draft) == _seller_name(first)
    why = "the invoice would be sent twice" if same_seller else "Pennylane takes a number once"
    message = f"is the same as that of {where}: {why}"
    return draft.source.problem(field, message, "leave one out, or give it its own")


def _seller_name(draft: Draft) -> str | None:
    return draft.seller.name if draft.seller else None


def _check_document(draft: Draft) -> Iterator[Problem]:
    if draft.way == "create" and draft.is_final is None:
        yield draft.source.problem(
            "status",
            MISSING + ": a final invoice is numbered at once and cannot be undone",
            "write draft or final",
        )
    if draft.way != "create" and draft.attachment is None:
        yield draft.source.problem("file", MISSING + ": an import uploads a PDF", "name the file")
    if draft.way == "import" and not draft.number:
        yield draft.source.warning(
            "number", MISSING + " on an invoice that exists", "write the number it carries"
        )
    if draft.convert_to_e_invoice and draft.way != "import":
        yield draft.source.problem("convert_to_e_invoice", "is for imported PDFs only", "leave it out")
    if draft.convert_to_e_invoice and not _E_INVOICE_NUMBER.fullmatch(draft.number or ""):
        yield draft.source.problem(
            "number", "cannot be converted to an e-invoice", "use at most 35 letters, digits and - + _ /"
        )
    if not draft.lines and draft.way != "e_invoice":
        yield draft.source.problem("lines", MISSING + ": an invoice has at least one line", "add a line")


def _check_dates(draft: Draft) -> Iterator[Problem]:
    if draft.way == "e_invoice":
        return
    if draft.date is None:
        yield draft.source.problem("date", MISSING, "write the invoice date as 2026-03-31")
    if draft.due_date is None:
        yield draft.source.problem(
            "due_date",
            MISSING,
            "write it as 2026-03-31, or payment conditions as 30_days to count it from the date",
        )
    if draft.date and draft.due_date and draft.due_date < draft.date:
        severity = draft.source.problem if draft.way == "create" else draft.source.warning
        yield severity(
            "due_date", f"is before the invoice date {draft.date.isoformat()}", "write a later day"
        )


def _check_customer(draft: Draft) -> Iterator[Problem]:
    customer = draft.customer
    if not customer.is_named():
        yield draft.source.problem(
            "customer", MISSING, "give its id, external reference, SIREN or SIRET, VAT number, email or name"
        )
    if customer.reg_no and not is_reg_no(customer.reg_no):
        yield draft.source.warning(
            "customer_reg_no",
            f"{customer.reg_no!r} is no SIREN or SIRET: its check digit is wrong",
            "check the digits",
        )
    if customer.vat_number and is_vat_number(customer.vat_number) is False:
        yield draft.source.warning(
            "customer_vat_number",
            f"{customer.vat_number!r} is no VAT number of its country",
            "check the digits",
        )
    if customer.iban and not is_iban(customer.iban):
        yield draft.source.warning(
            "customer_iban", "is no IBAN: its check digits are wrong", "check the digits"
        )


def missing_for_creation(customer: Customer) -> list[str]:
    """The fields that Pennylane needs to create this customer and that are not known.

    Source:
        https://pennylane.readme.io/reference/postcompanycustomer and postindividualcustomer (September 2026).
    """
    needed: dict[str, str | None] = {"customer_name": customer.name}
    if customer.kind == "individual":
        needed = {"customer_first_name": customer.first_name, "customer_last_name": customer.last_name}
    address = customer.billing_address
    needed |= {
        "customer_address": address.address,
        "customer_postal_code": address.postal_code,
        "customer_city": address.city,
        "customer_country": address.country,
    }
    return [field for field, value in needed.items() if not value]


def _check_texts(draft: Draft) -> Iterator[Problem]:
    for field, longest in _LONGEST.items():
        text = getattr(draft, field) or ""
        if len(text) > longest:
            message = f"has {len(text)} characters, Pennylane takes {longest}"
            yield draft.source.problem(field, message, "shorten it")


def _check_links(draft: Draft) -> Iterator[Problem]:
    transaction = draft.transaction
    if transaction is None:
        return
    if draft.way == "create" and draft.is_final is False:
        yield draft.source.problem(
            "transaction_provider",
            "is not taken on a draft",
            "make the invoice final, or leave the transaction out",
        )
    for field, value, known in (
        ("transaction_provider", transaction.provider, PROVIDERS),
        ("transaction_field", transaction.field, PROVIDER_FIELDS),
        ("transaction_value", transaction.value, None),
    ):
        if not value:
            yield draft.source.problem(
                field, MISSING, "a transaction is named by provider, field and value together"
            )
        elif known and value not in known:
            yield draft.source.problem(field, f"{value!r} is not known", "write " + " or ".join(known))


def check_categories(categories: Sequence[CategoryWeight], source: Source) -> Iterator[Problem]:
    """Weights above 0 and up to 1, that add up to 1 in each group, and no category twice."""
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for category in categories:
        sums[category.group] += category.weight
        exponent = category.weight.as_tuple().exponent
        if not 0 < category.weight <= 1 or (isinstance(exponent, int) and exponent < -7):
            yield source.problem(
                "categories",
                f"weight {category.weight} is not above 0 and up to 1",
                "write at most 7 decimals, as 0.25",
            )
    for group, total in sums.items():
        # Categories without a group may stand for several groups: their weights add up to a whole number.
        if total % 1 if group is None else total != 1:
            name = f"group {group!r}" if group else "the categories"
            yield source.problem(
                "categories",
                f"the weights of {name} add up to {total}, not 1",
                "make the weights of each group add up to 1",
            )
    for (label, identifier), count in Counter((c.label, c.id) for c in categories).items():
        if count > 1:
            yield source.problem(
                "categories", f"{label or identifier} stands there twice", "give it one weight"
            )


def _check_lines(draft: Draft) -> Iterator[Problem]:
    for line in draft.lines:
        yield from _check_line(draft, line)
        yield from _check_imputation(draft, line)


def _check_line(draft: Draft, line: DraftLine) -> Iterator[Problem]:
    free = draft.way == "create" and not line.product.is_named()
    if not line.label and (free or draft.convert_to_e_invoice):
        yield line.source.problem("label", MISSING, "write what is sold, or name a product")
    if line.unit_price is None and (free or draft.way == "import"):
        yield line.source.problem("unit_price", MISSING, "write the price before tax, or name a product")
    if line.vat_code is None and (free or draft.way == "import"):
        yield line.source.problem("vat", MISSING, "write a VAT code as FR_200, or a rate as 20")
    if line.quantity == 0:
        yield line.source.problem(
            "quantity", "is 0, which Pennylane refuses", "write another, or leave the line out"
        )
    exponent = line.unit_price.normalize().as_tuple().exponent if line.unit_price is not None else 0
    if isinstance(exponent, int) and exponent < -6:
        yield line.source.problem(
            "unit_price", "has more than 6 decimals", "round it, or sell 1,000 units as one"
        )


def _check_imputation(draft: Draft, line: DraftLine) -> Iterator[Problem]:
    period = line.imputation
    if period is None:
        return
    if period.start is None or period.end is None:
        field = "imputation_start" if period.start is None else "imputation_end"
        yield line.source.problem(field, MISSING, "write both days, or none")
    elif period.end < period.start:
        yield line.source.problem(
            "imputation_end", "is before imputation_start", "exchange them, or mend the years"
        )
    if draft.way == "create" and draft.is_final is False:
        yield line.source.problem(
            "imputation_start", "is not taken on a draft", "make the invoice final, or leave the days out"
        )
