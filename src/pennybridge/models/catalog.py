"""The list of models: what each is called, its SQL, and what one row of it is (`catalog.toml`)."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pennybridge.models.label_periods import READER_VERSION

FOLDER = Path(__file__).parent

Scope = Literal["customer", "all"]


@dataclass(frozen=True)
class Model:
    """One table that a build makes.

    `scope` is `customer` when each row belongs to one customer and depends on no other customer's rows: such
    a model can be built for some customers only. `sql` is empty for tables that Python fills; `reads` is
    given for those.
    """

    name: str
    summary: str
    grain: str
    key: tuple[str, ...]
    scope: Scope
    columns: tuple[str, ...]
    is_kept: bool = True
    """Whether the table stays after the build; staging and most intermediate models do not."""
    sql: str = ""
    reads: frozenset[str] = frozenset()

    @property
    def schema(self) -> str:
        """The schema of its table."""
        return self.name.split(".")[0]

    @property
    def customer_column(self) -> str:
        """The column that says whose row it is."""
        return "original_id" if self.name == "billing.customers" else "customer_id"


@dataclass(frozen=True)
class Check:
    """A SELECT that must return nothing; `summary` says what it means when it does.

    With the scope `customer` it may be asked about some customers' rows alone.
    """

    name: str
    summary: str
    scope: Scope
    sql: str


@cache
def models() -> dict[str, Model]:
    """Every model by name, in the order of `catalog.toml`."""
    entries = tomllib.loads((FOLDER / "catalog.toml").read_text("utf-8"))["models"]
    return {name: _model(name, entry) for name, entry in entries.items()}


@cache
def checks() -> dict[str, Check]:
    """Every check by name."""
    files = sorted((FOLDER / "checks").glob("*.sql"))
    return {file.stem: _check(file) for file in files}


@cache
def digest() -> str:
    """Changes with any model's text and the reader of labels: a new version makes everything again."""
    texts = [f"labels {READER_VERSION}", *(model.sql for model in models().values())]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def column_meanings() -> dict[str, str]:
    """What each column of any model means, by name: one name has one meaning throughout."""
    meanings: dict[str, str] = tomllib.loads((FOLDER / "catalog.toml").read_text("utf-8"))["columns"]
    return meanings


def _model(name: str, entry: dict[str, Any]) -> Model:
    file = FOLDER / f"{name.replace('.', '/')}.sql"
    return Model(
        name=name,
        summary=entry["summary"],
        grain=entry["grain"],
        key=tuple(entry["key"]),
        scope="customer" if entry["scope"] == "one customer" else "all",
        columns=tuple(entry["columns"]),
        is_kept=entry["kept"],
        sql=file.read_text("utf-8") if file.exists() else "",
        reads=frozenset(entry.get("reads", ())),
    )


def _check(file: Path) -> Check:
    sql = file.read_text("utf-8")
    first_line, _, scope, *_ = sql.splitlines()
    return Check(
        name=file.stem,
        summary=first_line.partition(": ")[2],
        scope="customer" if scope.endswith("one customer") else "all",
        sql=sql,
    )
