"""Real books, 541,909 lines: what is in the database is what the file says, to the cent."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pennybridge.api.answers import Answer
from pennybridge.api.client import Client
from pennybridge.api.exchange import Call
from pennybridge.clock import system_clock
from pennybridge.store import Database
from pennybridge.sync.run import sync
from tests.sync.conftest import SCOPES, NoLimit

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "retail"
LZ4 = pa.Codec("lz4")
ROUNDED_AWAY = Decimal("0.004")
"""Four lines of 0.001 become 0.00 at Pennylane, which rounds each line to the cent (observed)."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.exists(), reason="the retail data are not beside the checkout"),
]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The retail company, served by an emulator in a process of its own.

    Its answers are not held against the contract: they are of kinds that every other test holds against it.
    """
    command = [sys.executable, "-m", "pennybridge.emulator", "--no-rate-limit", "--data"]
    with subprocess.Popen(
        [*command, str(DATA / "online_retail_2010_2011.parquet")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


class Reader(Client):
    """Asks for each page once: the books do not change, and the second engine gets the bytes of the first."""

    def __init__(self, base_url: str, pages: dict[object, tuple[Answer, bytes]]) -> None:
        super().__init__("emulator-company-1", base_url=base_url, limiter=NoLimit(), timeout=120)  # type: ignore[arg-type]
        self._pages = pages
        self._send, self._exchange.send = self._exchange.send, self._once  # type: ignore[method-assign]

    def _once(self, call: Call) -> Answer:
        asked = call.path, frozenset((call.params or {}).items())
        if asked in self._pages:
            answer, packed = self._pages[asked]
            body = LZ4.decompress(packed, int(answer.headers["content-length"]), asbytes=True)
            return replace(answer, body=body, read_at=system_clock())
        answer = self._send(call)
        if not call.path.startswith("/changelogs"):
            self._pages[asked] = replace(answer, body=b""), LZ4.compress(answer.body, asbytes=True)
        return answer


@pytest.fixture(scope="module")
def pages() -> dict[object, tuple[Answer, bytes]]:
    """What the emulator has answered, packed: half a gigabyte else."""
    return {}


@pytest.fixture
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "expected_2010_2011.json").read_text())
    return next(books for name, books in found.items() if name.startswith("online_retail"))


def test_counts_and_sums_are_those_of_the_file(
    base_url: str, pages: dict[object, tuple[Answer, bytes]], database: Database, expected: dict[str, Any]
) -> None:
    with Reader(base_url, pages) as client:
        company_id = client.me().company.id
        budget = long_invoices(client, database, company_id)
        report = sync(
            company_id=company_id, client=client, database=database, scopes=SCOPES, request_budget=budget
        )

    assert not report.failed
    assert report["customer_invoice_lines"].state == "done"
    one = "select {} from pennylane.customer_invoice_lines where deleted_at is null"
    totals = "count(*), sum(quantity), sum(currency_amount_before_tax), max(customer_invoice_id) is not null"
    ((lines, quantity, amount, _),) = database.rows(one.format(totals))
    assert lines == expected["lines"]
    assert quantity == expected["sum_quantity"]
    assert Decimal(expected["sum_amount"]) - amount == ROUNDED_AWAY
    ((most,),) = database.rows(
        "select max(n) from (select count(*) as n from pennylane.customer_invoice_lines "
        "group by customer_invoice_id) as counted"
    )
    assert most == expected["max_lines_per_invoice"]
    assert database.rows("select count(*) from pennylane.unsound_invoices") == [(0,)]
    check_documents(database, expected)


def long_invoices(client: Client, database: Database, company_id: int) -> int:
    """Read the lists alone; how many requests the lines beyond 20 will take."""
    sync(company_id=company_id, client=client, database=database, scopes=SCOPES, request_budget=0)
    ((count,),) = database.rows(
        "select count(*) from pennylane.details where resource = 'customer_invoice_lines'"
    )
    assert count > 5000
    return int(count) + 2000  # invoices of more than a hundred lines take several


def check_documents(database: Database, expected: dict[str, Any]) -> None:
    """Documents by month and country, customers and products."""
    ((invoices, notes),) = database.rows(
        "select count(*), count(*) filter (where invoice_number like 'C%') from pennylane.customer_invoices"
    )
    assert (invoices, notes) == (expected["invoices"], expected["cancel_invoices"])
    ((customers, products),) = database.rows(
        "select count(distinct reference), (select count(*) from pennylane.products) from pennylane.customers"
    )
    assert (customers, products) == (expected["customers"], expected["stock_codes"])
    months = database.rows(
        """
        select cast(date_trunc('month', date) as date) as month,
            count(*) filter (where invoice_number not like 'C%'),
            count(*) filter (where invoice_number like 'C%'), sum(currency_amount_before_tax)
        from pennylane.customer_invoices group by 1 order by 1
        """
    )
    assert len(months) == len(expected["monthly"])
    for (month, sales, credits_, net), row in zip(months, expected["monthly"], strict=True):
        assert f"{month:%Y-%m}" == row["month"]
        assert sales + credits_ in (row["invoices"], row["invoices"] + row["credit_notes"])
        assert abs(net - Decimal(row["net"])) <= ROUNDED_AWAY
