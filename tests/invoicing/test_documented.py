"""The examples of the page on invoices from Python run, one after the other, as a reader would run them."""

import re
import shutil
from pathlib import Path
from typing import Any

from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.write_rows import template_csv

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/invoicing-python.md"


def test_the_examples_of_the_page_run(emulator: Emulator, tmp_path: Path) -> None:
    emulator.add_company("Maison Lumière")
    (tmp_path / "march.csv").write_text(template_csv(), encoding="utf-8")
    (tmp_path / "pdfs").mkdir()
    shutil.copy(ROOT / "tests/data/invoices/en16931.pdf", tmp_path / "pdfs")
    known: dict[str, Any] = {"token": emulator.token(), "base_url": emulator.base_url, "folder": tmp_path}

    try:
        for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
            emulator.settle()  # a reader takes longer than Pennylane takes for a PDF
            exec(example, known)  # noqa: S102 - our own page
    finally:
        known["client"].close()
        known["state"].close()

    outcomes = [known[name].results[0].outcome for name in ("report", "created", "imported", "again")]
    assert outcomes == ["created", "created", "imported", "already_sent"]
    assert known["requests"] == []
    assert known["mailed"][0].problem is None
    assert known["standing"].state == "paid"
