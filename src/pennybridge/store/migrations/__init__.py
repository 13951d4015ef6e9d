"""The numbered steps that make the tables, and what runs them; one source for all engines.

`warehouse/` holds those of the database (schema `pennylane`), `state/` those of the hub's own state. A
released file is never changed: a new number is added. What stands in `/*postgresql: … */` or `/*duckdb: … */`
runs there only. A column that is lifted later is one statement, `lift table: name kind path` (see `lift.py`).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pennybridge.errors import StoreError

Engine = Literal["duckdb", "postgresql", "sqlite"]
_ONLY = re.compile(r"/\*(?P<engine>duckdb|postgresql|sqlite):(?P<text>.*?)\*/", re.DOTALL)


@dataclass(frozen=True)
class Migration:
    """One numbered step: its file's number and name, and its statements in order."""

    number: int
    title: str
    text: str

    def statements(self, engine: Engine) -> list[str]:
        """The statements that run on this engine."""
        text = _ONLY.sub(lambda found: found["text"] if found["engine"] == engine else "", self.text)
        without_comments = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
        return [part.strip() for part in re.split(r";[ \t]*(?:\n|$)", without_comments) if part.strip()]


def load(folder: Literal["warehouse", "state"]) -> list[Migration]:
    """All steps of a folder, in order."""
    found = []
    for path in files(__name__).joinpath(folder).iterdir():
        number, _, title = path.name.removesuffix(".sql").partition("_")
        if path.name.endswith(".sql"):
            found.append(Migration(int(number), title.replace("_", " "), path.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.number)


def due(migrations: Sequence[Migration], applied: Collection[int], where: str) -> list[Migration]:
    """The steps that a database which has these lacks; numbers may have gaps.

    Raises:
        StoreError: The database is newer than this program.
    """
    newest, version = migrations[-1].number, max(applied, default=0)
    if version > newest:
        raise StoreError(
            f"{where} was made by a newer Pennybridge (tables at step {version}, {newest} known here). "
            "Nothing was changed. Update Pennybridge."
        )
    return [migration for migration in migrations if migration.number not in applied]


def failed(step: Migration, reason: object) -> StoreError:
    """What a step that a database refused is told as, inside the message of its engine."""
    return StoreError(f"Step {step.number} ({step.title}) failed: {str(reason).strip().rstrip('.')}.")


def refuse_unless_current(migrations: Sequence[Migration], applied: Collection[int], where: str) -> None:
    """Stop where tables may not be made: the database must have all steps already.

    Raises:
        StoreError: The database is empty, older or newer.
    """
    if not applied:
        raise StoreError(f"{where} holds no Pennybridge tables yet. Run `pennybridge sync` first.")
    if due(migrations, applied, where):
        raise StoreError(
            f"{where} was last used by an older Pennybridge (tables at step {max(applied)}, "
            f"{migrations[-1].number} needed). It was opened for reading only, so nothing was changed. "
            "Run `pennybridge sync` once to bring it up to date."
        )
