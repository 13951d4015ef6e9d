"""Files that come in: bounded in number and size, named by us where their own name is unsafe."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from starlette.datastructures import UploadFile

from pennybridge.errors import ConfigurationError

KINDS = (".csv", ".json", ".jsonl", ".pdf", ".xml")
TABLES = (".csv", ".json", ".jsonl")
MOST_FILES = 500
LARGEST_FILE = 100 * 1024 * 1024
"""Bytes; Pennylane takes no larger PDF (https://pennylane.readme.io/docs/import-a-customer-invoice)."""
LARGEST_UPLOAD = 256 * 1024 * 1024
"""Bytes of a whole request; `gate.protect` refuses more before reading it."""

_UNSAFE = re.compile(r"[^\w .()+,=@-]")


def keep(uploads: Sequence[UploadFile], folder: Path) -> list[str]:
    """Write uploaded files into an empty folder; their names there.

    Raises:
        ConfigurationError: There is none, or too many, or one is too large or of no kind that holds
            invoices. The folder is gone again.
    """
    try:
        return _keep([one for one in uploads if one.filename], folder)
    except ConfigurationError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _keep(uploads: Sequence[UploadFile], folder: Path) -> list[str]:
    if not uploads:
        raise ConfigurationError("No file was chosen. Nothing was kept. Choose CSV, JSON, PDF or XML files.")
    if len(uploads) > MOST_FILES:
        raise ConfigurationError(
            "At most {most} files go into one batch. Nothing was kept. Split it.", most=MOST_FILES
        )
    names: list[str] = []
    for upload in uploads:
        name = _unused(safe_name(upload.filename or ""), names)
        if Path(name).suffix.lower() not in KINDS:
            raise ConfigurationError(
                "“{name}” is none of CSV, JSON, JSONL, PDF and XML. Nothing was kept. Leave it out.",
                name=name,
            )
        if (upload.size or 0) > LARGEST_FILE:
            raise ConfigurationError(
                "“{name}” is over 100 MB, which Pennylane refuses. Nothing was kept.", name=name
            )
        with (folder / name).open("wb") as kept:
            shutil.copyfileobj(upload.file, kept)
        names.append(name)
    return names


def safe_name(text: str) -> str:
    r"""The last part of a name, without what a file system or a page could misread.

    >>> safe_name("../../etc/passwd.csv"), safe_name("C:\\bills\\é<b>.pdf"), safe_name(".csv")
    ('passwd.csv', 'é_b_.pdf', 'file.csv')
    """
    last = PureWindowsPath(PurePosixPath(text).name).name
    # File systems take 255 bytes; what is cut off leaves room for a number.
    short = _UNSAFE.sub("_", last).encode()[-150:].decode(errors="ignore")
    cleaned = short.strip().lstrip(".")
    suffix = Path(last).suffix or (last if last.startswith(".") else "")
    return cleaned if Path(cleaned).suffix else f"file{suffix}"


def _unused(name: str, taken: Sequence[str]) -> str:
    """The name, numbered if a file of the batch has it already, in any case."""
    path, number, tried = Path(name), 2, name
    used = {one.casefold() for one in taken}
    while tried.casefold() in used:
        tried, number = f"{path.stem} ({number}){path.suffix}", number + 1
    return tried


def is_import(names: Sequence[str]) -> bool:
    """Whether files hold documents to import; tables beside them then carry their data."""
    return any(Path(name).suffix.lower() not in TABLES for name in names)
