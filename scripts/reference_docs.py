"""Writes commands.md, tables.md and models.md in docs/reference from the code; --check fails if they differ.

uv run python scripts/reference_docs.py [--check]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pennybridge.cli.main import pennybridge
from pennybridge.models import catalog
from pennybridge.store.landing import TABLES, Table

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
NOTE = "<!-- Made by scripts/reference_docs.py; change the code, then run `make docs-write`. -->\n"

SETTINGS = (
    (
        "PENNYBRIDGE_HOME",
        "the platform's data folder",
        "folder of the database, the state and the sealing key",
    ),
    (
        "PENNYBRIDGE_DATABASE_URL",
        "`pennybridge.duckdb` in it",
        "`duckdb:///path` or `postgresql://user@host/name`",
    ),
    (
        "PENNYBRIDGE_KEY",
        "the file `pennybridge.key`",
        "keys that seal tokens, separated by commas; the first seals",
    ),
    ("PENNYBRIDGE_PASSPHRASE", "none", "seals and opens the grants in an export, if standard input has none"),
    ("PENNYLANE_BASE_URL", "Pennylane's Company API v2", "another base URL, such as an emulator's"),
    ("PENNYLANE_API_TOKEN", "none", "the token that `connect` uses when standard input has none"),
    (
        "PENNYLANE_CLIENT_ID",
        "none",
        "how Pennylane knows this installation: with it, companies are connected by OAuth in the hub",
    ),
    ("PENNYLANE_CLIENT_SECRET", "none", "the secret that Pennylane gave with it"),
    ("PENNYLANE_OAUTH_URL", "`/oauth` on the host of the base URL", "another OAuth server"),
    (
        "PENNYBRIDGE_PUBLIC_URL",
        "where `serve` listens",
        "where browsers reach the hub; `/oauth/callback` below it is the redirect address",
    ),
    ("PENNYBRIDGE_SYNC_EVERY", "`15m`", "how often the hub syncs a company: `90s`, `15m`, `6h`"),
    ("PENNYBRIDGE_PUBLISH_TO", "none", "destinations to publish to after a sync, separated by spaces"),
    ("PENNYBRIDGE_SYNCS_AT_ONCE", "8", "most syncs at a time in one process of `serve` or `worker`"),
    ("PENNYBRIDGE_LOG", "plain lines", "`json`: the log of `serve` and `worker` is JSON lines"),
    (
        "PENNYBRIDGE_METRICS_TOKEN",
        "none",
        "what a scraper brings to read `/metrics`; without it there is none",
    ),
)

TYPES = {
    "decimal": "numeric(18,6)",
    "rate": "numeric(18,10)",
    "timestamp": "timestamptz",
    "list": "text, joined by `, `",
}


COMMANDS_INTRODUCTION = """# Commands

Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 done with warnings, 130 stopped by Ctrl-C.
Results go to standard output, progress and problems to standard error.
"""

TABLES_INTRODUCTION = """# Landing tables

Schema `pennylane`, one table per resource, under Pennylane's own names. Every table also has `company_id`,
`id`, `payload` (the record as received, JSON), `read_at` (when it was asked for), `load_id` (the load that
last changed it) and `deleted_at` (null while the record exists; the last values stay).

Columns marked * are those that nothing works without: a record that lacks one stops its resource with an
error, others go on. Empty strings become null. Amounts without `currency_` are in euros.
"""


SCHEMAS = ("billing", "metrics", "receivables", "intermediate", "staging")
"""In the order of interest."""

MODELS_INTRODUCTION = """# Models

The tables that `pennybridge build` makes from the landing tables, in the schemas `billing`, `metrics` and
`receivables`; ask them with `pennybridge query`. They speak for the day of the build. A column name means the
same thing wherever it stands. `_base` is the company's base currency, `_ccy` the document's, `_eur` euros.
"""


def commands_page() -> str:
    """Every command with its help, as the terminal shows it, and every setting."""
    parts = [NOTE, COMMANDS_INTRODUCTION]
    parts += [f"## {path}\n\n```text\n{text}\n```\n" for path, text in help_texts()]
    parts += ["## Settings\n", "| environment variable | default | what it says |", "|---|---|---|"]
    parts += [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in SETTINGS]
    return "\n".join(parts) + "\n"


def help_texts() -> Iterator[tuple[str, str]]:
    """Each command's path and help, depth first."""
    yield from _help_texts(
        pennybridge, click.Context(pennybridge, info_name="pennybridge", **pennybridge.context_settings)
    )


def _help_texts(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    # 100 columns, whatever the terminal that runs this.
    context.terminal_width = context.max_content_width = 100
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _help_texts(child, click.Context(child, info_name=name, parent=context))


def tables_page() -> str:
    """Every landing table with its columns."""
    return "\n".join([NOTE, TABLES_INTRODUCTION, *(_table_section(table) for table in TABLES.values())])


def _table_section(table: Table) -> str:
    lines = [
        f"## {table.name}\n",
        f"Key: `{', '.join(table.key)}`.\n",
        "| column | type | field |",
        "|---|---|---|",
    ]
    if table.parent:
        lines.append(f"| `{table.parent}` * | bigint | the record it hangs on |")
    for column in table.columns:
        mark = " *" if column.needed else ""
        lines.append(f"| `{column.name}`{mark} | {TYPES.get(column.kind, column.kind)} | `{column.path}` |")
    return "\n".join(lines) + "\n"


def models_page() -> str:
    """Every table that a build makes, with grain, key and columns; what it makes in passing; the checks."""
    known = sorted(catalog.models().values(), key=lambda model: SCHEMAS.index(model.schema))
    meanings = catalog.column_meanings()
    passing = [(model.name, _sentence(model.summary)) for model in known if not model.is_kept]
    checks = [(check.name, _sentence(check.summary)) for check in catalog.checks().values()]
    return "\n".join([
        NOTE,
        MODELS_INTRODUCTION,
        *(_model_section(model, meanings) for model in known if model.is_kept),
        "## Made in passing\n\nThese exist only while a build runs; the tables above rest on them.\n",
        *_two_columns("model", "what it holds", passing),
        "\n## Checks\n\nEach must find nothing, or the build fails and every table stays as it was.\n",
        *_two_columns("check", "what it finds", checks),
        "",
    ])  # fmt: skip


def _model_section(model: catalog.Model, meanings: dict[str, str]) -> str:
    lines = [
        f"## {model.name}\n",
        f"{_sentence(model.summary)}\n",
        f"{_sentence(model.grain)} Key: `{', '.join(model.key)}`.\n",
    ]
    if model.columns:
        columns = [(name, meanings.get(name, "")) for name in model.columns]
        lines += [*_two_columns("column", "what it says", columns), ""]
    return "\n".join(lines)


def _two_columns(first: str, second: str, rows: list[tuple[str, str]]) -> list[str]:
    return [f"| {first} | {second} |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in rows)]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def main() -> int:
    """Write the pages, or compare them; 1 if they differ."""
    stale = []
    pages = {"commands.md": commands_page(), "tables.md": tables_page(), "models.md": models_page()}
    for name, text in pages.items():
        page = REFERENCE / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(
            f"docs/reference/{', '.join(stale)} differs from the code; run `make docs-write`.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
