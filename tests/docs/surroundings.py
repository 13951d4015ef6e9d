"""What a reader of a page has at hand before its first command, and what happens elsewhere meanwhile."""

import json
import shutil
from collections.abc import Callable
from urllib.request import Request, urlopen

from pennybridge.emulator.files import one_page_pdf
from tests.docs.pages import ROOT, blocks, commands
from tests.docs.terminal import Terminal

EMULATOR = "pennybridge emulator"
TOKEN = "emulator-company-2"
"""Of a company with four customers and half a year of books, for pages that do not start an emulator."""
DAYS = {"docs/how-to/create-invoices.md": "--clock 2026-03-01"}
"""Days on which pages are read that come with a file of their day: Pennylane refuses an earlier one."""
FIRST = ("pennybridge connect < token.txt", "pennybridge sync")
"""What the reader of a page did before that does not begin with connecting a company."""


def prepare(page: str, terminal: Terminal) -> None:
    """Lay out files; a page that does not start an emulator itself gets one in place of Pennylane."""
    _lay_out_files(terminal)
    lines = [line for block in blocks(page) if block.language == "sh" for line in commands(block.text)]
    if any(line.startswith(EMULATOR) for line in lines):
        return
    before = [
        f"{EMULATOR} --companies 2 {DAYS.get(page, '')}",
        "export PENNYLANE_BASE_URL=http://127.0.0.1:8765/api/external/v2",
    ]
    if not any(" connect" in line for line in lines):
        before += FIRST
    for line in before:
        ran = terminal.run(line)
        assert ran.code == 0, (line, ran)


def _lay_out_files(terminal: Terminal) -> None:
    (terminal.folder / "token.txt").write_text(f"{TOKEN}\n")
    (terminal.folder / "invoice.pdf").write_bytes(one_page_pdf("Invoice"))
    (terminal.folder / "pdfs").mkdir()
    (terminal.folder / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    shutil.copy(ROOT / "tests/data/invoices/en16931.pdf", terminal.folder / "pdfs")


def _delete_at_pennylane(terminal: Terminal) -> None:
    """Somebody deletes the draft SHOP-1001 in Pennylane's own pages."""
    origin = f"http://{terminal.elsewhere['127.0.0.1:8765']}"
    found = f"{origin}/api/external/v2/customer_invoices?limit=100"
    with urlopen(Request(found, headers={"Authorization": f"Bearer {TOKEN}"})) as answer:  # noqa: S310
        (draft,) = [each for each in json.load(answer)["items"] if each["external_reference"] == "SHOP-1001"]
    removed = f"{origin}/_emulator/records/customer_invoices/{draft['id']}"
    urlopen(Request(removed, method="DELETE")).close()  # noqa: S310 - our own emulator


MEANWHILE: dict[str, Callable[[Terminal], None]] = {
    "pennybridge invoices forget SHOP-1001 --yes": _delete_at_pennylane,
}
"""What happens elsewhere just before a command, as its page says."""
