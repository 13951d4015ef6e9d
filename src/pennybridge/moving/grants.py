"""Grants on their way: opened with the key of one installation, sealed with a passphrase, and back."""

import base64
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pennybridge.api.secret import Secret
from pennybridge.connections.tokens import Vault
from pennybridge.errors import ConfigurationError

Row = dict[str, Any]
Reseal = Callable[[bytes], bytes | None]
_SEALED = "sealed_"
"""How the names of columns begin whose contents a vault sealed."""

SHORTEST = 12
_WORD = {"pennybridge": "export"}


def new_salt() -> str:
    """What makes the same passphrase another key for each archive."""
    return base64.b64encode(os.urandom(16)).decode()


def vault_of(passphrase: Secret, salt: str) -> Vault:
    """A vault whose key is made from a passphrase; making it takes a tenth of a second and 32 MB.

    Raises:
        ConfigurationError: The passphrase is shorter than twelve characters.
    """
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    text = passphrase.reveal()
    if len(text) < SHORTEST:
        raise ConfigurationError(
            f"The passphrase must have {SHORTEST} characters or more: who guesses it can read every token. "
            "Nothing was done. Leave the grants out with --without-grants, or take a longer one."
        )
    key = Scrypt(salt=base64.b64decode(salt), length=32, n=2**15, r=8, p=1).derive(text.encode())
    return Vault(Path(os.devnull), base64.urlsafe_b64encode(key).decode())


def proof(vault: Vault) -> str:
    """A sealed word that tells later whether a passphrase is the right one."""
    return vault.seal(_WORD)


def check(vault: Vault, sealed: str) -> None:
    """Refuse a passphrase that did not seal the archive.

    Raises:
        ConfigurationError: It did not; nothing was imported.
    """
    try:
        vault.unseal(sealed)
    except ConfigurationError:
        raise ConfigurationError(
            "That is not the passphrase with which the grants were exported. Nothing was imported. Give the "
            "right one, or leave the grants out with --without-grants."
        ) from None


def resealing(opened_by: Vault, sealed_by: Vault) -> Reseal:
    """What opens a sealed text with one vault and seals it with the other."""

    def reseal(sealed: bytes) -> bytes:
        grant = {name: secret.reveal() for name, secret in opened_by.unseal(bytes(sealed).decode()).items()}
        return sealed_by.seal(grant).encode()

    return reseal


def without(_: bytes) -> None:
    """Leave a grant out."""


def resealed(rows: Iterable[Row], reseal: Reseal) -> list[Row]:
    """Rows with every sealed column sealed again; a connection without its grant is disconnected."""
    done = []
    for row in rows:
        moved = {
            name: reseal(value) if name.startswith(_SEALED) and value is not None else value
            for name, value in row.items()
        }
        if row.get("sealed_grant") is not None and moved["sealed_grant"] is None:
            moved |= {"state": "disconnected", "scopes": ""}
        done.append(moved)
    return done
