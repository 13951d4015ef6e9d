"""What a batch of invoices costs: requests and pace. Each figure is printed beside its bound.

Run it by hand on a quiet machine: `uv run python benchmarks/invoices.py [requests|pace]… [--invoices N]`.

The fewest requests for N drafts of N new customers are 2 N: Pennylane creates one customer and one invoice
per request. On top come look-ups and reading back, a hundred at a time: customers by our reference, by SIREN
and by e-mail, invoices with their lines. A reference of an invoice can only be looked up alone (its list
offers `eq`), so none is looked up for customers who were created a moment ago: they have no invoices, and
Pennylane refuses a second one with the same reference.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from emulated import emulated  # type: ignore[import-not-found]  # the file beside this one
from pennybridge.api.client import Client
from pennybridge.api.limiter import Limiter
from pennybridge.invoicing.drafts import Address, Customer, Draft, DraftLine
from pennybridge.invoicing.problems import Source
from pennybridge.invoicing.run import create_invoices
from pennybridge.invoicing.submissions import Submissions
from pennybridge.store.state import open_state
from sync import NoLimit, control, say  # type: ignore[import-not-found]

TOKEN = "emulator-company-1"


def a_draft(number: int) -> Draft:
    source = Source("batch.csv", number)
    address = Address(address="1 rue des Lilas", postal_code="69003", city="Lyon", country="FR")
    line = DraftLine(
        source=source,
        label="Abonnement",
        unit_price=Decimal("49.90"),
        quantity=Decimal(1),
        unit="piece",
        vat_code="FR_200",
    )
    return Draft(
        source=source,
        reference=f"BATCH-{number}",
        is_final=False,
        date=dt.date(2026, 3, 1),
        due_date=dt.date(2026, 3, 31),
        customer=Customer(
            name=f"Client {number}",
            external_reference=f"client-{number}",
            emails=(f"client-{number}@example.com",),
            billing_address=address,
        ),
        lines=(line,),
    )


def run(base_url: str, folder: str, count: int, limiter: Any) -> None:
    drafts = [a_draft(number) for number in range(count)]
    with (
        open_state(f"sqlite:///{folder}/state.db") as state,
        Client(TOKEN, base_url=base_url, limiter=limiter) as client,
    ):
        submissions = Submissions(state, client.me().company.id)
        control(base_url, "DELETE", "/requests")
        report = create_invoices(drafts, client=client, submissions=submissions, create_customers=True)
    assert report.sent == report.customers_created == count, report.as_line()
    assert not report.failed, report.as_line()


def asked(base_url: str) -> dict[int, int]:
    """How many requests ended in each status."""
    counts: dict[int, int] = {}
    for row in control(base_url, "GET", "/requests")["counts"]:
        counts[row["status"]] = counts.get(row["status"], 0) + row["count"]
    return counts


def requests(count: int) -> None:
    with emulated(invoices=2_000) as base_url, tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        run(base_url, folder, count, NoLimit())
        spent = time.process_time() - begun
        total = sum(asked(base_url).values())
        say(
            f"{count:,} invoices, {count:,} new customers ({total} for {2 * count})",
            total / (2 * count),
            1.05,
            "x",
        )
        say("CPU per 1,000 invoices", spent / count * 1000, 5, "s")
        run_again = sum(asked(base_url).values())
        drafts = [a_draft(number) for number in range(count)]
        with (
            open_state(f"sqlite:///{folder}/state.db") as state,
            Client(TOKEN, base_url=base_url, limiter=NoLimit()) as client,
        ):
            submissions = Submissions(state, client.me().company.id)
            create_invoices(drafts, client=client, submissions=submissions, create_customers=True)
        say(
            "the same batch again, requests (one to learn whose books)",
            sum(asked(base_url).values()) - run_again,
            1,
        )


def pace(count: int) -> None:
    with (
        emulated(invoices=2_000, rate_limit=True, latency=0.3) as base_url,
        tempfile.TemporaryDirectory() as folder,
    ):
        limiter = Limiter.shared(Path(folder), TOKEN, base_url=base_url)
        time.sleep(5 - time.time() % 5 + 5)  # the windows' time is counted from the beginning of one
        begun = time.monotonic()
        run(base_url, folder, count, limiter)
        seconds = time.monotonic() - begun
        counts = asked(base_url)
        total = sum(counts.values()) + 1
        allowed = (total - 1) // 25 * 5 + 0.3
        say(
            f"{count:,} invoices at the real pace, 300 ms away ({total} requests)",
            seconds / allowed,
            1.10,
            "x",
        )
        print(f"{'':<58}{seconds:>10.1f} s    windows allow {allowed:.1f} s")
        say("refused for pace (429)", counts.get(429, 0), 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=["requests", "pace"])
    parser.add_argument("--invoices", type=int, default=1_000)
    options = parser.parse_args()
    for name in options.names:
        {"requests": requests, "pace": pace}[name](options.invoices)
