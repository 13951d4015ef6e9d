"""Copies of a database file, made before its tables change and kept until two upgrades later."""

import glob
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pennybridge.errors import StoreError

Tell = Callable[[str], None]
"""Told, in a sentence for a person, what was done to a database when it was opened."""

KEPT = 2
"""Copies that stay: the one of this upgrade, and the one before it."""

_ROOM = 1.05


def path_of(file: Path, version: int, now: datetime) -> Path:
    """Where the copy of a file with tables at this step goes: beside it.

    >>> from datetime import UTC
    >>> path_of(Path("books.duckdb"), 3, datetime(2026, 11, 21, 12, tzinfo=UTC)).name
    'books.duckdb.step-3-20261121T120000Z'
    """
    return file.with_name(f"{file.name}.step-{version}-{now:%Y%m%dT%H%M%SZ}")


def known(file: Path) -> list[Path]:
    """The copies of a file that are there, oldest first."""
    copies = file.parent.glob(f"{glob.escape(file.name)}.step-*-*Z") if file.parent.is_dir() else ()
    return sorted(copies, key=lambda copy: copy.name.rpartition("-")[2])


def refuse_without_room(file: Path) -> None:
    """Refuse to go on where the disk cannot take a copy.

    Raises:
        StoreError: It cannot; nothing was changed.
    """
    size, free = file.stat().st_size, shutil.disk_usage(file.parent).free
    if free < size * _ROOM:
        raise StoreError(
            f"The tables of {file} must be brought up to date, and a copy is made before. It takes "
            f"{size / 1e9:.1f} GB and {free / 1e9:.1f} GB are free beside it. Nothing was changed; make room."
        )


def copy_closed(file: Path, copy: Path) -> None:
    """Copy a file that nobody writes; what is at `copy` is whole or not there."""
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        shutil.copy2(file, unfinished)
        unfinished.replace(copy)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StoreError(
            f"{file} could not be copied to {copy} ({error.strerror}), so its tables were not changed. "
            "Make room beside it, or make its folder writable."
        ) from error


def settle(file: Path, copy: Path, tell: Tell) -> None:
    """Say that an upgrade went well and where the copy is, and remove those older than the last two."""
    for old in known(file)[:-KEPT]:
        old.unlink(missing_ok=True)
    tell(f"Brought the tables of {file} up to date. A copy from before is {copy}; it can be deleted.")


def refusal(file: Path, copy: Path, error: StoreError) -> StoreError:
    """What to say when an upgrade failed: the file is as before, and where its copy is."""
    return StoreError(
        f"The tables of {file} could not be brought up to date. {error} {file.name} is as it was before, and "
        f"a copy of it is {copy}. Go on with the Pennybridge that you used before, and report this message."
    )
