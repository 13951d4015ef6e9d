"""The examples of the client's page run, one after the other, as a reader would run them."""

import re
from pathlib import Path
from typing import Any

from pennybridge.api.client import Client
from pennybridge.emulator.server import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python-client.md"


def test_the_examples_of_the_page_run(emulator: Emulator, tmp_path: Path) -> None:
    emulator.add_customer_invoice("120.00")
    known: dict[str, Any] = {"token": emulator.token(), "base_url": emulator.base_url, "folder": tmp_path}

    try:
        for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
            exec(example, known)  # noqa: S102 - our own page
    finally:
        for client in known.values():
            if isinstance(client, Client):
                client.close()

    assert known["total"] == 100
    assert known["background"]


def test_every_collection_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    with Client("t") as client:
        names = [name for name in vars(client) if not name.startswith("_")]

    assert len(names) >= 12
    for name in names:
        assert f"`{name}`" in page
