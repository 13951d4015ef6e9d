"""Tokens at rest: sealed with a key that only the owner of this installation can read.

The key is the setting `PENNYBRIDGE_KEY`, or the file `pennybridge.key`, made at first use. Either may hold
several keys, one a line (or separated by commas): the first seals, every one unseals, so a key is changed by
putting the new one in front. Keys and sealed texts are those of Fernet: AES-128-CBC with HMAC-SHA256
(https://github.com/fernet/spec).
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pennybridge.api.secret import Secret
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Vault:
    """Seals grants for the state database and unseals them for the client."""

    def __init__(self, key_path: Path, key: str | None = None) -> None:
        """Nothing is read or written until the first grant is sealed or unsealed.

        Args:
            key_path: The key file, used when `key` is not given; made at the first `seal`.
            key: The keys themselves, as `PENNYBRIDGE_KEY` gives them.
        """
        self._key_path = key_path
        self._key = key

    def __repr__(self) -> str:
        return f"Vault({self._source})"

    def seal(self, grant: Mapping[str, str]) -> str:
        """The grant as text that only this installation's key opens.

        Raises:
            ConfigurationError: The key cannot be read or is not one; nothing was sealed.
        """
        if self._key is None and not self._key_path.exists():
            _make_key_file(self._key_path)
        return self._fernet().encrypt(json.dumps(dict(grant)).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, Secret]:
        """The grant that `seal` closed, each value a secret.

        Raises:
            ConfigurationError: The key is lost, or is not the one that sealed the grant.
        """
        from cryptography.fernet import InvalidToken

        try:
            opened = self._fernet().decrypt(sealed.encode())
        except InvalidToken:
            raise ConfigurationError(
                f"{self._source} is not the key that sealed this token, so the token cannot be read. "
                "Put the right key back, or run `pennybridge connect` again with a token; the data stays."
            ) from None
        return {name: Secret(value) for name, value in json.loads(opened).items()}

    def reseal(self, sealed: str) -> str:
        """The same grant sealed with the first key, whichever key sealed it before.

        Raises:
            ConfigurationError: No key at hand opens it; what was sealed stays as it was.
        """
        return self.seal({name: secret.reveal() for name, secret in self.unseal(sealed).items()})

    @property
    def _source(self) -> str:
        return "PENNYBRIDGE_KEY" if self._key is not None else f"The key in {self._key_path}"

    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        keys = (self._key if self._key is not None else self._read_key_file()).replace(",", " ").split()
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # The library's message is dropped: it must never quote a key.
            raise ConfigurationError(
                f"{self._source} is not a sealing key, which is 32 bytes in URL-safe base64: 44 characters. "
                "Nothing was read or written. Put the right key back."
            ) from None

    def _read_key_file(self) -> str:
        try:
            return self._key_path.read_text(encoding="ascii")
        except FileNotFoundError:
            raise ConfigurationError(
                f"The key file {self._key_path} is gone, so the sealed tokens cannot be read. "
                "Put it back, or run `pennybridge connect` again with a token; the data stays."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The key file {self._key_path} cannot be read ({type(error).__name__}); nothing changed. "
                "It must be readable by the user who runs Pennybridge."
            ) from None


def _make_key_file(path: Path) -> None:
    """Put a new key at `path`, whole or not at all; a key that another process put there meanwhile stays."""
    from cryptography.fernet import Fernet

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file with mode 0600, whatever the umask.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".key-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            Path(path).hardlink_to(temporary)
        except FileExistsError:
            pass
        finally:
            Path(temporary).unlink()
    except OSError as error:
        raise ConfigurationError(
            f"The key file {path} could not be made ({error.strerror}), so no token was stored. "
            "Make its folder writable, or set PENNYBRIDGE_HOME to a folder that is."
        ) from error
