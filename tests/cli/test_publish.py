"""`pennybridge publish` as a person or a cron job runs it."""

import json
import sys
from pathlib import Path

import pytest

from pennybridge.emulator.books import Company
from pennybridge.store import open_warehouse
from tests.cli.conftest import TOKEN, Shell


@pytest.fixture
def synced(shell: Shell, company: Company) -> Shell:
    """A home with one company's books."""
    assert company
    assert shell("connect", stdin=TOKEN).code == 0
    assert shell("sync").code in {0, 3}
    return shell


def test_a_publication_tells_what_it_wrote_and_that_both_sides_are_equal(
    synced: Shell, tmp_path: Path
) -> None:
    """With nothing new that is said; a difference is named and ends with exit code 1."""
    target = f"duckdb:///{tmp_path}/warehouse.duckdb"

    first = synced("publish", target)
    with open_warehouse(target) as warehouse, warehouse.transaction() as transaction:
        transaction.execute("delete from pennybridge.pennylane_customers where first_name is not null")
    spoiled = synced("publish", target)
    mended = synced("publish", target, "Maison Lumière", "--whole", "--json")

    assert first.code == 0
    assert "pennylane_customers" in first.out
    assert "counts and sums are equal on both sides" in first.out
    assert spoiled.code == 1
    assert "nothing new, nothing written" in spoiled.out
    assert "pennylane_customers differs: 2 rows here, 1 there" in spoiled.err
    assert (mended.code, mended.err) == (0, "")
    report = json.loads(mended.out)
    assert report["written"] == sum(table["rows"] for table in report["tables"]) > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["duckdb:///{home}/pennybridge.duckdb"], "holds the books themselves"),
        (["duckdb:///{home}/other.duckdb", "--dataset", "Acme-1"], "unlike 'Acme-1'"),
        (["no_such_warehouse"], "no_such_warehouse"),
        (["duckdb:///{home}/other.duckdb"], "no company to publish yet"),
        (["duckdb:///{home}/other.duckdb", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_published_is_refused_with_a_reason(
    shell: Shell, arguments: list[str], said: str
) -> None:
    outcome = shell("publish", *(each.format(home=shell.home) for each in arguments))

    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_missing_extra_is_told_with_how_to_install_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dlt", None)

    outcome = shell("publish", "bigquery")

    assert outcome.code == 2
    assert "pip install 'pennybridge[publish]'" in outcome.err
