import json
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from pennybridge.connections.tokens import Vault
from pennybridge.errors import ConfigurationError

TOKEN = "a-token-that-nobody-may-see"


def test_a_sealed_grant_opens_with_the_same_key_and_shows_nothing(tmp_path: Path) -> None:
    key_path = tmp_path / "home" / "pennybridge.key"

    sealed = Vault(key_path).seal({"access_token": TOKEN})
    grant = Vault(key_path).unseal(sealed)

    assert TOKEN not in sealed
    assert TOKEN not in f"{grant} {grant!r}"
    assert grant["access_token"].reveal() == TOKEN


def test_the_key_file_is_made_at_first_use_for_its_owner_only(tmp_path: Path) -> None:
    key_path = tmp_path / "home" / "pennybridge.key"
    vault = Vault(key_path)

    assert not key_path.exists()
    vault.seal({"access_token": TOKEN})

    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600
    assert [path.name for path in key_path.parent.iterdir()] == ["pennybridge.key"]


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    key_path = tmp_path / "pennybridge.key"
    Vault(key_path).seal({"access_token": TOKEN})
    before = key_path.read_bytes()

    Vault(key_path).seal({"access_token": "another"})

    assert key_path.read_bytes() == before


@pytest.mark.parametrize("separator", ["\n", ","])
def test_an_old_key_behind_a_new_one_still_unseals_and_reseal_moves_on(
    tmp_path: Path, separator: str
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault(tmp_path / "unused", old).seal({"access_token": TOKEN})

    resealed = Vault(tmp_path / "unused", f"{new}{separator}{old}").reseal(sealed)

    assert Vault(tmp_path / "unused", new).unseal(resealed)["access_token"].reveal() == TOKEN
    assert not (tmp_path / "unused").exists()


def test_a_lost_key_is_said_and_no_new_one_is_made(tmp_path: Path) -> None:
    key_path = tmp_path / "pennybridge.key"
    sealed = Vault(key_path).seal({"access_token": TOKEN})
    key_path.unlink()

    with pytest.raises(ConfigurationError, match=r"is gone.*Put it back, or run `pennybridge connect` again"):
        Vault(key_path).unseal(sealed)

    assert not key_path.exists()


def test_a_wrong_key_is_said(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "one.key").seal({"access_token": TOKEN})
    Vault(tmp_path / "two.key").seal({})

    with pytest.raises(ConfigurationError, match="is not the key that sealed this token"):
        Vault(tmp_path / "two.key").unseal(sealed)


@pytest.mark.parametrize("text", ["", "short", "é" * 44, "A" * 44])
def test_what_is_not_a_key_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a sealing key") as caught:
        Vault(tmp_path / "unused", text).seal({"access_token": TOKEN})

    assert not text or text not in str(caught.value)


def test_a_key_file_that_cannot_be_made_stores_no_token(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")

    with pytest.raises(ConfigurationError, match="so no token was stored"):
        Vault(tmp_path / "home" / "pennybridge.key").seal({"access_token": TOKEN})


def test_a_grant_carries_what_oauth_will_need(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "pennybridge.key")
    grant = {"access_token": TOKEN, "refresh_token": "r", "expires_at": "2026-07-08T12:06:44.883576Z"}

    opened = vault.unseal(vault.seal(grant))

    assert json.dumps({name: secret.reveal() for name, secret in opened.items()}) == json.dumps(grant)
