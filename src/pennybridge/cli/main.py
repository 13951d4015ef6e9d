"""The way in: commands loaded when called, errors turned into sentences and exit codes.

Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 done with warnings, 130 stopped by Ctrl-C.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn

import click

from pennybridge import __version__
from pennybridge.errors import ConfigurationError, PennybridgeError

DONE, FAILED, WRONG_USAGE, WARNED, STOPPED = 0, 1, 2, 3, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Show the whole way on an emulated company."),
    "connect": ("connect", "Connect a Pennylane company with an API token."),
    "connections": ("connections", "List, check, pause, resume or remove connections."),
    "sync": ("sync", "Bring the books of the connected companies up to date."),
    "status": ("status", "Show how fresh the data is and what needs attention."),
    "serve": ("serve", "Serve the web application."),
    "worker": ("worker", "Sync the connected companies on schedule."),
    "build": ("build", "Bring the models up to date and run the checks."),
    "report": ("report", "Show figures: revenue, retention, receivables, charts."),
    "overrides": ("overrides", "Decide about invoice lines that rules judge wrong."),
    "customers": ("customers", "List customers, or leave some out of the sync."),
    "invoices": ("invoices", "Create and import invoices, each exactly once, and follow them up."),
    "query": ("query", "Run a SELECT on the database."),
    "reconcile": ("reconcile", "Compare the books here with Pennylane's and name every difference."),
    "publish": ("publish", "Copy the tables to a warehouse, and keep the copy up to date."),
    "export": ("moving", "Write the books and the hub's state into one file."),
    "import": ("moving", "Fill an empty installation from an exported file."),
    "doctor": ("doctor", "Check this installation and say what to mend."),
    "emulator": ("emulator", "Serve an emulated Pennylane on this machine."),
}
"""Each command: the module of this package that holds it, and its line in `pennybridge --help`."""


class LazyCommands(click.Group):
    """A group whose commands are imported when they are called, so that `--help` pays for none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names in the order of the table, which is the order of learning."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself; its module holds it under its own name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"pennybridge.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; that the reader of its output (`head`, a pager) went away is no failure."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes once more when it ends: not into the broken pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment: PENNYBRIDGE_HOME, PENNYBRIDGE_DATABASE_URL, PENNYBRIDGE_KEY, "
    "PENNYLANE_BASE_URL, PENNYLANE_API_TOKEN.",
)
@click.version_option(__version__, prog_name="pennybridge", message="%(prog)s %(version)s")
def pennybridge() -> None:
    """A Pennylane company's books in your own database, kept in step."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code; what went wrong is said on standard error."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    try:
        code = pennybridge.main(args=arguments, prog_name="pennybridge", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except PennybridgeError as error:
        click.echo(f"Error: {error}", err=True)
        # A setting or a name that is wrong is mended on the command line; nothing was sent or written.
        return WRONG_USAGE if isinstance(error, ConfigurationError) else FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was committed stays; run the same command again to go on.", err=True)
        return STOPPED
    return code if isinstance(code, int) else DONE
