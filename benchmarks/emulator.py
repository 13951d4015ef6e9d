"""How the emulator bears large books: a company of a million invoices, and a thousand companies.

    python benchmarks/emulator.py [--invoices N] [--lines N]

Prints each figure beside the bound it is held against; exits with 1 if one is missed. The million lies in a
temporary file of about 3 GB.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.resources import Record
from pennybridge.emulator.server import Emulator

_PAGES = 200

Measured = tuple[str, float, float, str]
"""What, the figure, its bound, the unit."""


def main() -> int:
    """Measure, print, and say whether every bound holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=2, help="lines per invoice")
    options = parser.parse_args()

    measured = [*thousand_companies(), *large_company(options.invoices, options.lines)]
    for what, figure, bound, unit in measured:
        print(f"{what:<58} {figure:>10.1f} {unit:<3} (at most {bound:g} {unit})")
    return 0 if all(figure <= bound for _, figure, bound, _ in measured) else 1


def thousand_companies() -> Iterator[Measured]:
    """From starting the process to an answer about the first and about the last of a thousand companies."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pennybridge.emulator", "--companies", "1000", "--no-rate-limit"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().split()[-1]
        for number in (1, 1000):
            token = {"authorization": f"Bearer emulator-company-{number}"}
            httpx2.get(f"{base_url}/customers", headers=token, timeout=60).raise_for_status()
        yield "1,000 companies, until two of them have answered", time.perf_counter() - began, 10, "s"
        memory = Path(f"/proc/{process.pid}/status").read_text()
        resident = int(memory.split("VmRSS:")[1].split()[0]) / 1024
        yield "memory then", resident, 500, "MB"
        process.terminate()


def large_company(invoices: int, lines: int) -> Iterator[Measured]:
    """Pages of every kind out of one very large company."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Emulator(path=Path(folder) / "books.sqlite", check_contract=False) as emulator,
    ):
        company = emulator.add_company("Very large")
        customer = emulator.add_customer()
        began = time.perf_counter()
        fill(emulator.books, company, customer.id, invoices, lines)
        yield f"loading {invoices:,} invoices, {lines} lines each", time.perf_counter() - began, 300, "s"
        yield "memory then", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1000, "MB"
        headers = {"authorization": f"Bearer {emulator.token(1)}"}
        with httpx2.Client(base_url=emulator.base_url, headers=headers, timeout=60) as client:
            for what, query in pages(customer.id):
                yield what, page_time(client, query), 30, "ms"


def fill(books: Books, company: Company, customer_id: int, invoices: int, lines: int) -> None:
    """Write invoices and their lines, a hundred thousand at a time."""
    step = 100_000
    for first in range(0, invoices, step):
        ids = [books.new_id() for _ in range(min(step, invoices - first))]
        books.insert_many("customer_invoices", company.id, ((invoice(key, customer_id), None) for key in ids))
        books.insert_many(
            "customer_invoice_lines", company.id, ((LINE, key) for key in ids for _ in range(lines))
        )


LINE: Record = {
    "label": "Abonnement", "quantity": "1.0", "amount": "120.0", "currency_amount": "120.0",
    "vat_rate": "FR_200", "currency_amount_before_tax": "100.0", "currency_tax": "20.0", "tax": "20.0",
    "raw_currency_unit_price": "100.0",
}  # fmt: skip


def invoice(key: int, customer_id: int) -> Record:
    """A finalized invoice; one in a thousand is a draft."""
    rank = key // 4096
    return {
        "id": key, "label": f"Facture {rank}", "invoice_number": f"F-2026-{rank}", "draft": rank % 1000 == 0,
        "date": f"2026-{1 + rank % 12:02d}-{1 + rank % 28:02d}", "customer": {"id": customer_id},
        "status": "upcoming", "amount": "240.0", "currency_amount": "240.0", "external_reference": f"R{rank}",
    }  # fmt: skip


def pages(customer_id: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Queries that clients send, by what they are."""
    one = '[{{"field": "{}", "operator": "{}", "value": "{}"}}]'.format
    yield "page of 100, newest first", {"limit": "100"}
    yield "page of 100, oldest first, with lines", {"limit": "100", "sort": "id", "include": "invoice_lines"}
    yield "page of 100, by date", {"limit": "100", "sort": "date"}
    yield "page of 100 drafts", {"limit": "100", "filter": one("draft", "eq", "true")}
    yield "page of 100 of one customer", {"limit": "100", "filter": one("customer_id", "eq", customer_id)}
    yield "page of 100 of one day", {"limit": "100", "filter": one("date", "eq", "2026-03-15")}
    yield "one by its external reference", {"filter": one("external_reference", "eq", "R5000000777")}
    yield "none by its external reference", {"filter": one("external_reference", "eq", "nowhere")}


def page_time(client: httpx2.Client, query: dict[str, str]) -> float:
    """The 95th percentile, in milliseconds, of the time until a page was read."""
    times = []
    for _ in range(_PAGES):
        began = time.perf_counter()
        client.get("/customer_invoices", params=query).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
