"""What `publish` asks of a destination, whatever it is."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from pennybridge.publish.differences import Differences
from pennybridge.publish.tables import PublishedTable

Written = Callable[[Differences, int, int], None]
"""Told which differences, from the first to the last number, the destination has committed."""


Standing = Literal["ours", "free", "taken"]
"""What a dataset holds: the publication with our mark; nothing, or an earlier one of ours; or another's."""


@dataclass(frozen=True)
class Totals:
    """What a table adds up to, for some companies."""

    rows: int
    amounts: tuple[Decimal, ...]
    """One sum for each of the table's columns of decimals, in their order; null counts as nothing."""
    is_exact: bool = True
    """Whether the place adds decimals up as such; SQLite does it in floating point."""


class Destination(Protocol):
    """A place where tables are published; every write can be done twice and is then done once."""

    where: str
    """Its address and dataset, without a password."""

    def standing(self, mark: str, former: Collection[str], tables: Sequence[PublishedTable]) -> Standing:
        """Whose tables of these names it holds, told by the mark, and by those that it carried formerly."""

    def write(self, mark: str, differences: Sequence[Differences], written: Written) -> None:
        """Bring tables up to date, telling what is committed as soon as it is.

        Raises:
            PublishError: It refused, or cannot be reached; what was told to be written stays.
        """

    def totals(self, table: PublishedTable, companies: tuple[int, ...]) -> Totals | None:
        """What a table holds there; None when there is no such table."""

    def close(self) -> None:
        """Let go of it."""


def totals_query(
    table: PublishedTable, name: str, companies: tuple[int, ...], *, escape: Callable[[str], str] = str
) -> str:
    """A SELECT of one row: the count, then the sum of each column of decimals; any SQL engine reads it.

    Args:
        table: Which.
        name: What it is called where the question is asked.
        companies: Whose rows count.
        escape: How a column is written there, in case its name means something.
    """
    sums = "".join(f", sum({escape(column)}) as sum_{column}" for column in table.amounts)
    condition = table.of_companies(companies) if table.has_company else "1 = 1"
    return f"select count(*) as row_count{sums} from {name} where {condition}"  # noqa: S608 — names of ours


def as_totals(row: Sequence[object]) -> Totals:
    """The totals of a row that `totals_query` gave."""
    amounts = tuple(Decimal(str(amount or 0)) for amount in row[1:])
    return Totals(int(str(row[0])), amounts, is_exact=not any(isinstance(amount, float) for amount in row))
