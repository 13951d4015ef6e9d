"""The last step of every publication: what each table adds up to here and there."""

from decimal import Decimal

from pennybridge.publish.destination import Destination, Totals, as_totals, totals_query
from pennybridge.publish.tables import PublishedTable
from pennybridge.store import Transaction

_FLOATING = Decimal("1e-9")
"""By how much of it a sum may be off that a destination made in floating point."""


def difference(
    snapshot: Transaction, destination: Destination, table: PublishedTable, companies: tuple[int, ...]
) -> tuple[int, str | None]:
    """The rows that are here, and in words what is different there; None when both sides are equal."""
    here = as_totals(snapshot.rows(totals_query(table, table.source, companies))[0])
    there = destination.totals(table, companies)
    return here.rows, in_words(table.amounts, here, there)


def in_words(columns: list[str], here: Totals, there: Totals | None) -> str | None:
    """How the two sides differ.

    >>> here, there = Totals(2, (Decimal("10.50"),)), Totals(2, (Decimal("10.5"),))
    >>> in_words(["amount"], here, there) is None
    True
    >>> in_words(["amount"], here, Totals(3, (Decimal(12),)))
    '2 rows here, 3 there; sum of amount 10.50 here, 12 there'
    >>> in_words(["amount"], here, Totals(2, (Decimal("10.499999999"),), is_exact=False)) is None
    True
    >>> in_words(["amount"], here, None)
    'there is no such table'
    """
    if there is None:
        return "there is no such table"
    found = []
    if here.rows != there.rows:
        found.append(f"{here.rows:,} rows here, {there.rows:,} there")
    found += [
        f"sum of {column} {_plain(ours)} here, {_plain(theirs)} there"
        for column, ours, theirs in zip(columns, here.amounts, there.amounts, strict=True)
        if abs(ours - theirs) > (0 if there.is_exact else abs(ours) * _FLOATING)
    ]
    return "; ".join(found) or None


def _plain(amount: Decimal) -> str:
    return format(amount, "f")
