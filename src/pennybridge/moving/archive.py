"""The file: a zip of Arrow streams, one per table, and a manifest that says what they add up to.

Everything is written and read from front to end, so memory does not grow with the books.
"""

import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
_MANIFEST = "manifest.json"


class Writer:
    """An archive under way."""

    def __init__(self, into: zipfile.ZipFile) -> None:
        self._into = into

    def table(self, name: str, pieces: "Iterable[pa.Table]") -> int:
        """Write a table; the number of its rows. Pieces take the columns and types of the first."""
        import pyarrow as pa

        rows = 0
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        rest = iter(pieces)
        first = next(rest, None)
        if first is None:
            return 0
        with (
            self._into.open(_place(name), "w", force_zip64=True) as file,
            pa.ipc.new_stream(file, first.schema, options=options) as stream,
        ):
            for piece in chain([first], rest):
                stream.write_table(piece.cast(first.schema))
                rows += piece.num_rows
        return rows

    def manifest(self, values: dict[str, Any]) -> None:
        """Write what the archive says of itself; the last thing."""
        self._into.writestr(_MANIFEST, json.dumps({"format": FORMAT, **values}, indent=2, ensure_ascii=False))


class Reader:
    """An archive that is read."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self._file = file
        self._archive = archive
        self.manifest = manifest

    def has(self, name: str) -> bool:
        """Whether the archive holds the table."""
        return _place(name) in self._archive.namelist()

    def table(self, name: str) -> "Iterator[pa.Table]":
        """The pieces of a table.

        Raises:
            ConfigurationError: The file is damaged there.
        """
        import pyarrow as pa

        try:
            with self._archive.open(_place(name)) as file, pa.ipc.open_stream(file) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])
                file.read()  # to the end, where the checksum is
        except (zipfile.BadZipFile, pa.ArrowException, OSError) as error:
            raise damaged(self._file, str(error)) from error


@contextmanager
def writing(file: Path) -> Iterator[Writer]:
    """A new archive that its owner alone may read; at `file` when the block ends well, or not at all.

    Raises:
        ConfigurationError: The file cannot be written, or there is no room for it.
    """
    unfinished = file.with_name(f"{file.name}.part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            with zipfile.ZipFile(cast("IO[bytes]", opened), "w", zipfile.ZIP_STORED) as into:
                yield Writer(into)
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be written: {error.strerror}. Nothing was exported."
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


@contextmanager
def reading(file: Path) -> Iterator[Reader]:
    """An archive that was made by `writing`.

    Raises:
        ConfigurationError: The file is none, is damaged, or a newer Pennybridge made it.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["format"] != FORMAT:
                raise ConfigurationError(
                    f"{file} was made by another Pennybridge ({manifest.get('pennybridge')}). Nothing was "
                    "imported. Update this one."
                )
            yield Reader(file, archive, manifest)
    except FileNotFoundError as error:
        raise ConfigurationError(f"There is no file {file}. Nothing was imported.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise damaged(file, str(error)) from error


def damaged(file: Path, reason: str) -> ConfigurationError:
    """What to say of a file that cannot be read to its end."""
    return ConfigurationError(
        f"{file} is no export of Pennybridge, or is damaged ({reason}). Nothing was imported. Export again."
    )


def _place(name: str) -> str:
    return f"{name}.arrows"
