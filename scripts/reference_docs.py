"""Writes docs/reference/commands.md and tables.md from the code; with --check, fails if they differ from it.

uv run python scripts/reference_docs.py [--check]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pennybridge.cli.main import pennybridge
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
    ("PENNYLANE_BASE_URL", "Pennylane's Company API v2", "another base URL, such as an emulator's"),
    ("PENNYLANE_API_TOKEN", "none", "the token that `connect` uses when standard input has none"),
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


def main() -> int:
    """Write the pages, or compare them; 1 if they differ."""
    stale = []
    for name, text in (("commands.md", commands_page()), ("tables.md", tables_page())):
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
