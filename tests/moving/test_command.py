"""`pennybridge export` and `pennybridge import` as a person meets them."""

import pytest

from pennybridge.emulator.books import Company
from tests.cli.conftest import TOKEN, Shell, company, shell

__all__ = ["company", "shell"]

PASSPHRASE = "correct horse battery staple\n"


@pytest.fixture
def synced(shell: Shell, company: Company) -> Shell:
    """A home with one synced company."""
    assert company
    shell("connect", stdin=TOKEN)
    assert shell("sync").code == 0
    return shell


def test_a_move_says_what_it_took_along_and_what_comes_next(synced: Shell) -> None:
    file = str(synced.home.parent / "books.pennybridge")
    there = synced("export", file, stdin=PASSPHRASE)
    here = synced("import", file, stdin=PASSPHRASE, PENNYBRIDGE_HOME=str(synced.home.parent / "new"))
    listed = synced("customers", "list", PENNYBRIDGE_HOME=str(synced.home.parent / "new"))
    again = synced("import", file, stdin=PASSPHRASE, PENNYBRIDGE_HOME=str(synced.home.parent / "new"))

    assert (there.code, here.code, again.code) == (0, 0, 2)
    assert "rows of 1 company into" in there.out
    assert "pennylane.customers: 2" in there.err
    assert "Next: pennybridge sync, then pennybridge build. Stop the old installation" in here.out
    assert "Café de la Gare" in listed.out
    assert "This installation is in use: it has connections" in again.err
    assert PASSPHRASE.strip() not in synced.said


def test_without_a_passphrase_the_tokens_must_be_left_out(synced: Shell) -> None:
    file = synced.home.parent / "books.pennybridge"
    refused = synced("export", str(file))
    done = synced("export", str(file), "--without-grants")
    new = str(synced.home.parent / "new")
    brought = synced("import", str(file), PENNYBRIDGE_HOME=new)

    assert (refused.code, "--without-grants" in refused.err) == (2, True)
    assert (done.code, brought.code) == (0, 0)
    assert "Next: pennybridge connect." in brought.out
    assert "disconnected" in synced("connections", PENNYBRIDGE_HOME=new).out


def test_what_was_never_synced_has_nothing_to_export(shell: Shell) -> None:
    outcome = shell("export", str(shell.home.parent / "books"), "--without-grants")

    assert (outcome.code, "Run `pennybridge sync` first" in outcome.err) == (1, True)
    assert not (shell.home.parent / "books").exists()
