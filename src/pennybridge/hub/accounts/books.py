"""One company's books as accounts are read from them: landing tables always, models once they are built."""

from dataclasses import dataclass
from datetime import date

from pennybridge.reports.built import Built, Reader, built_as_of, open_built
from pennybridge.reports.table import Row

_IS_IN_BUILD = "select 1 from billing.customers where company_id = :company_id limit 1"
_COMPANY = "select base_currency from pennylane.companies where company_id = :company_id"

LATEST = 2**63 - 1
"""The largest id that the tables hold."""


@dataclass(frozen=True)
class Books:
    """What is known of one company."""

    reader: Reader
    company_id: int
    today: date
    as_of: date | None
    """The day the models speak for; None while no build has seen the company."""
    currency: str
    """The base currency, in which MRR is. What is owed is in euros, as Pennylane keeps it."""

    @property
    def is_built(self) -> bool:
        """Whether there are models to read."""
        return self.as_of is not None

    def rows(self, sql: str, **params: object) -> list[Row]:
        """The rows of a statement; `:company_id` is this company's, `:today` the day it is."""
        return self.reader.rows(sql, company_id=self.company_id, today=self.today, **params)

    def built(self) -> Built:
        """The built models, for reports.

        Raises:
            ModelError: Nothing has been built.
        """
        return open_built(self.reader, self.company_id, self.as_of)


def open_books(reader: Reader, company_id: int, today: date) -> Books:
    """The books of a company, which may be empty still."""
    as_of = built_as_of(reader)
    if as_of and not reader.rows(_IS_IN_BUILD, company_id=company_id):
        as_of = None
    company = reader.rows(_COMPANY, company_id=company_id)
    return Books(reader, company_id, today, as_of, company[0][0] if company else "EUR")


def to_id(text: str) -> int | None:
    """An id from an address; None when it can be none.

    >>> to_id("4096"), to_id("4e3"), to_id("9" * 30)
    (4096, None, None)
    """
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 0 < number <= LATEST else None
