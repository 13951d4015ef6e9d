"""Do the amounts that an electronic invoice states agree with each other, as EN 16931 (BR-CO-…) wants it.

The stylesheets say the same for the profiles they cover; these sums are for all, ZUGFeRD 1 included, and
name the difference.
"""

from collections.abc import Iterator
from decimal import Decimal

from pennybridge.invoicing.einvoice import ElectronicInvoice
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.money import CENT, to_cents

_MEND = "ask the sender for a corrected file, or give the right amounts in a sidecar"


def check_sums(invoice: ElectronicInvoice, source: Source) -> Iterator[Problem]:
    """A warning for each sum that does not come out, with the difference."""
    for rule, field, words, stated, made in _sums(invoice):
        if stated is not None and made is not None and stated != made:
            message = f"{words}: {stated} is stated, {made} comes out (off by {stated - made})"
            yield source.problem(field, message, _MEND, "warning", rule)
    for tax in invoice.taxes:
        if tax.basis is None or tax.amount is None or tax.rate is None:
            continue
        made = to_cents(tax.basis * tax.rate / 100)
        if abs(made - tax.amount) > CENT:  # a cent of rounding is common, and taken by Pennylane
            message = f"VAT of {tax.rate} % on {tax.basis}: {tax.amount} is stated, {made} comes out"
            yield source.problem("total_tax", message, _MEND, "warning", "BR-CO-17")


_Sum = tuple[str, str, str, Decimal | None, Decimal | None]


def _sums(invoice: ElectronicInvoice) -> Iterator[_Sum]:
    totals = invoice.totals
    details = [item.total or Decimal(0) for item in invoice.items if item.is_detail]
    yield "BR-CO-10", "line_total", "sum of the lines", totals.line_total, _sum(details)
    if totals.line_total is not None:
        basis = totals.line_total - (totals.allowance_total or 0) + (totals.charge_total or 0)
        yield (
            "BR-CO-13",
            "total_excl_tax",
            "lines less allowances plus charges",
            totals.tax_basis_total,
            basis,
        )
    taxes = [tax.amount or Decimal(0) for tax in invoice.taxes]
    yield "BR-CO-14", "total_tax", "sum of the VAT breakdown", totals.tax_total, _sum(taxes)
    bases = [tax.basis for tax in invoice.taxes if tax.basis is not None]
    yield (
        "BR-S-08",
        "total_excl_tax",
        "sum of the bases of the VAT breakdown",
        totals.tax_basis_total,
        _sum(bases),
    )
    if totals.tax_basis_total is not None and totals.grand_total is not None:
        with_tax = totals.tax_basis_total + (totals.tax_total or 0)
        yield "BR-CO-15", "total_incl_tax", "amount before tax plus tax", totals.grand_total, with_tax
        # MINIMUM has no field for what is paid already: the amount due may simply be smaller.
        if totals.due_payable is not None and (invoice.items or totals.prepaid is not None):
            due = totals.grand_total - (totals.prepaid or 0) + (totals.rounding or 0)
            yield "BR-CO-16", "due_payable", "total less what is paid", totals.due_payable, due


def _sum(parts: list[Decimal]) -> Decimal | None:
    return sum(parts, Decimal(0)) if parts else None
