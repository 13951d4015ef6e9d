"""An emulator with a crowd of companies: `python -m tests.hub.engine.crowd COMPANIES small|seeded`."""

import signal
import sys
import threading
from functools import partial

from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator


def main(companies: int, size: str, *, rate_limit: bool) -> None:
    """Serve them until told to stop: `small` has a customer and two invoices, `seeded` about 70 invoices."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Emulator(frozen=False, rate_limit=rate_limit, check_contract=False) as emulator:
        fill = partial(seed_small, customers=12, months=6) if size == "seeded" else None
        for number in range(1, companies + 1):
            company = emulator.books.add_company(f"Atelier {number}", fill=fill)
            emulator.books.touch(company.id)
            if fill is None:
                customer = emulator.add_customer(f"Client {number}", company=number)
                emulator.add_customer_invoice(f"{number}.00", customer=customer, company=number)
                emulator.add_customer_invoice("120.00", customer=customer, company=number)
        sys.stdout.write(f"{emulator.base_url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], rate_limit="--no-rate-limit" not in sys.argv)
