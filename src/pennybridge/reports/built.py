"""The built models of one company: whose they are, the day they speak for, and how they are asked."""

from dataclasses import dataclass
from datetime import date
from weakref import WeakSet

from pennybridge.errors import ConfigurationError, ModelError
from pennybridge.models import catalog
from pennybridge.reports.table import Column, ReportTable, Row
from pennybridge.reports.text import Note, Text
from pennybridge.store import Database, Transaction

Reader = Database | Transaction

WITH_TAX, _WITHOUT_TAX = Text("tax included", "TTC"), Text("tax excluded", "HT")
_TAX = dict.fromkeys(("aging", "dso", "to-do"), WITH_TAX) | dict.fromkeys(
    ("mrr", "movements", "bridge", "retention", "revenue"), _WITHOUT_TAX
)


@dataclass(frozen=True)
class Built:
    """One company's built models."""

    reader: Reader
    company_id: int
    company: str
    as_of: date
    currency: str
    """The base currency, in which MRR and revenue are. Receivables are in euros, as Pennylane keeps them."""

    def rows(self, sql: str, **params: object) -> list[Row]:
        """The rows of a statement; `:company_id` is this company's."""
        return self.reader.rows(sql, company_id=self.company_id, **params)

    def table(
        self,
        report: str,
        title: Text,
        columns: tuple[Column, ...],
        rows: list[Row],
        *,
        currency: str | None = None,
        totals: Row | None = None,
        notes: tuple[Note, ...] = (),
        about: Text | None = None,
    ) -> ReportTable:
        """A report's table on these models; columns of kind `key` become its keys.

        A customer whose name is not known is called by its id, as `#20480000057344`.
        """
        names = [column.name for column in columns]
        if {"customer", "customer_id"} <= set(names):
            rows = _named(rows, names.index("customer"), names.index("customer_id"))
        at = [position for position, column in enumerate(columns) if column.kind != "key"]
        ids = [(position, column.name) for position, column in enumerate(columns) if column.kind == "key"]
        return ReportTable(
            report=report,
            title=title,
            columns=tuple(columns[position] for position in at),
            rows=tuple(tuple(row[position] for position in at) for row in rows) if ids else tuple(rows),
            company=self.company,
            as_of=self.as_of,
            currency=currency or self.currency,
            totals=tuple(totals[position] for position in at) if totals else None,
            notes=notes,
            about=about,
            tax=_TAX.get(report),
            keys=tuple({name: row[position] for position, name in ids} for row in rows) if ids else (),
        )


def _named(rows: list[Row], name: int, customer_id: int) -> list[Row]:
    return [row if row[name] else (*row[:name], f"#{row[customer_id]}", *row[name + 1 :]) for row in rows]


_IS_BUILT = """
    select count(*) from information_schema.tables where table_schema = 'build' and table_name = 'state'
"""
_WITH_STATE = WeakSet[Reader]()
"""Where `build.state` was found. Nothing takes it away, and the catalog is slow to answer."""
_COMPANY = "select name, base_currency from pennylane.companies where company_id = :company_id"


def build_state(reader: Reader) -> dict[str, str] | None:
    """What the models rest on; nothing if they were never built, or by another version."""
    if reader not in _WITH_STATE:
        if not reader.rows(_IS_BUILT)[0][0]:
            return None
        _WITH_STATE.add(reader)
    state = dict(reader.rows("select name, value from build.state"))
    return state if state.get("models") == catalog.digest() else None


def built_as_of(reader: Reader) -> date | None:
    """The day that the models speak for; nothing if they were never built, or by another version."""
    state = build_state(reader)
    return date.fromisoformat(state["as_of"]) if state else None


def open_built(reader: Reader, company_id: int, as_of: date | None = None) -> Built:
    """The built models of one company.

    Args:
        reader: Where they are.
        company_id: Whose.
        as_of: What `built_as_of` has just said, if it was asked.

    Raises:
        ModelError: Nothing has been built, or by another version.
        ConfigurationError: The company has no books here.
    """
    as_of = as_of or built_as_of(reader)
    if as_of is None:
        raise ModelError(
            "Nothing is built yet, or another version of Pennybridge built it, so there is no figure to "
            "show. Nothing was done. Run `pennybridge build` first."
        )
    company = reader.rows(_COMPANY, company_id=company_id)
    if not company:
        raise ConfigurationError(
            f"There are no books of company {company_id} here yet. Run `pennybridge sync` first."
        )
    name, currency = company[0]
    return Built(reader, company_id, name or str(company_id), as_of, currency)
