"""What checked drafts name, looked up at Pennylane once per batch; every problem found is said at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from pennybridge.api.client import Client
from pennybridge.invoicing.bodies import Found
from pennybridge.invoicing.check import missing_for_creation
from pennybridge.invoicing.customers import Match, match_customers
from pennybridge.invoicing.drafts import Customer, Draft
from pennybridge.invoicing.look_ups import (
    Id,
    match_accounts,
    match_invoices,
    match_products,
    match_templates,
)
from pennybridge.invoicing.problems import MISSING, Problem, Source, errors


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that can be sent, with the ids of all that it names."""

    draft: Draft
    match: Match
    """Its customer; one without an id is created first."""
    found: Found
    """Its `customer_id` is 0 until the customer is created, or is Pennylane's business (e-invoices)."""
    new_customer: Customer | None = None
    """Its customer as it is to be created; None if there is one already."""
    credits_in_batch: str | None = None
    """Reference of the draft of the same batch that this credit note reduces."""

    def with_customer(self, customer_id: int) -> "Job":
        """The job once its customer is known."""
        return msgspec.structs.replace(
            self, found=msgspec.structs.replace(self.found, customer_id=customer_id)
        )


class _Names:
    """The answers to all look-ups of a batch."""

    def __init__(self, client: Client, drafts: Sequence[Draft]) -> None:
        lines = [line for draft in drafts for line in draft.lines]
        self.mates = {key: draft for draft in drafts for key in (draft.number, draft.reference) if key}
        self.customers = match_customers(client, [d.customer for d in drafts if d.customer.is_named()])
        self.complete = {
            match.reference: msgspec.structs.replace(customer, external_reference=match.reference)
            for customer, match in self.customers.items()
            if match.reference and not missing_for_creation(customer)
        }
        self.products = match_products(client, [line.product for line in lines])
        self.accounts = match_accounts(client, [line.ledger_account for line in lines if line.ledger_account])
        self.templates = match_templates(client, [draft.template for draft in drafts if draft.template])
        credited = [d.credits for d in drafts if d.credits and d.credits not in self.mates]
        self.credited = match_invoices(client, credited)


def resolve(
    client: Client, drafts: Sequence[Draft], *, create_customers: bool
) -> tuple[list[Job], list[Problem]]:
    """The drafts that can be sent, and what is wrong with the others.

    Raises:
        ApiError: A look-up failed; nothing was changed.
    """
    names = _Names(client, drafts)
    jobs, problems = [], []
    for draft in drafts:
        ids, found = _ids(draft, names)
        match, about_customer = _customer(draft, names, create_customers=create_customers)
        found += about_customer
        problems += found
        if not errors(found):
            mate = names.mates.get(draft.credits or "")
            jobs.append(
                Job(
                    draft=draft,
                    match=match,
                    found=Found(customer_id=match.customer_id or 0, **ids),
                    new_customer=names.complete.get(match.reference or ""),
                    credits_in_batch=mate.reference if mate else None,
                )
            )
    return jobs, problems


def _customer(draft: Draft, names: _Names, *, create_customers: bool) -> tuple[Match, list[Problem]]:
    match = names.customers.get(draft.customer, Match())
    if not draft.customer.is_named():
        return match, []  # which the checks say
    if draft.way == "e_invoice" and match.customer_id is None:
        return Match(), []  # Pennylane reads the buyer itself
    if match.problem:
        return match, [draft.source.problem("customer", match.problem, match.mend)]
    if match.customer_id is not None:
        return match, []
    if not create_customers:
        customer = draft.customer
        keys = (customer.full_name(), customer.reg_no, customer.vat_number, customer.external_reference)
        name = next(filter(None, (*keys, *customer.emails)), "this description")
        return match, [
            draft.source.problem(
                "customer",
                f"{name!r} is no customer at Pennylane yet",
                "allow new customers (--create-customers), or name an existing one by customer_id",
            )
        ]
    mend = (
        "a new customer needs name, street, postal code, city and country: write it, or name an existing one"
    )
    # Another row may say the rest of the same customer.
    missing = [] if match.reference in names.complete else missing_for_creation(draft.customer)
    return match, [draft.source.problem(field, MISSING, mend) for field in missing]


def _ids(draft: Draft, names: _Names) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    products = [
        _id(names.products.get(line.product), line.source, "product", problems) for line in draft.lines
    ]
    accounts = [
        _id(names.accounts.get(line.ledger_account or ""), line.source, "ledger_account", problems)
        for line in draft.lines
    ]
    template = _id(names.templates.get(draft.template or ""), draft.source, "template", problems)
    ids = {
        "product_ids": tuple(products),
        "ledger_account_ids": tuple(accounts),
        "template_id": template,
        "credited_invoice_id": _credited(draft, names, problems),
    }
    return ids, problems


def _credited(draft: Draft, names: _Names, problems: list[Problem]) -> int | None:
    """The invoice that a credit note reduces; one that was never at Pennylane stops no import."""
    credited = names.credited.get((draft.credits or "").strip())
    if isinstance(credited, str) and draft.way != "create":
        mend = "nothing, if it is older than your books there; else import it first, or link it afterwards"
        problems.append(draft.source.warning("credits", f"{credited}: the link is left out", mend))
        return None
    return _id(
        credited if isinstance(credited, str | None) else credited.id, draft.source, "credits", problems
    )


def _id(found: Id | None, source: Source, field: str, problems: list[Problem]) -> int | None:
    """The id; what stands in its place is a problem."""
    if isinstance(found, str):
        problems.append(source.problem(field, found, "write another, or its id"))
        return None
    return found


def customers_to_create(jobs: Iterable[Job]) -> dict[str, Customer]:
    """The customers that jobs need and that are not there, by the reference they are created with."""
    found: dict[str, Customer] = {}
    for job in jobs:
        customer = job.new_customer
        if customer is not None and customer.external_reference:
            found.setdefault(customer.external_reference, customer)
    return found
