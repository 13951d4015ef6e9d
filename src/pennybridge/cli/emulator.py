"""`pennybridge emulator`: an emulated Pennylane on this machine, for trials and tests."""

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port; 0 takes a free one.")
@click.option(
    "--companies", default=1, show_default=True, help="Number of companies, each with its own token."
)
@click.option("--seed", default=1, show_default=True, help="The books follow from it.")
@click.option(
    "--data", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve the UCI retail books of this parquet file instead.",
)  # fmt: skip
@click.option(
    "--rate-limit/--no-rate-limit", default=True, show_default=True, help="25 requests per 5 seconds."
)
@click.option("--latency", default=0, show_default=True, metavar="MS", help="Milliseconds each answer takes.")
@click.option("--clock", type=click.DateTime(["%Y-%m-%d"]), help="The day it is there; today by default.")
def emulator(  # noqa: PLR0917 — Click passes them by name
    host: str,
    port: int,
    companies: int,
    seed: int,
    data: Path | None,
    rate_limit: bool,
    latency: int,
    clock: datetime | None,
) -> None:
    """Serve an emulated Pennylane on this machine.

    The API token of company n is emulator-company-n. Stop it with Ctrl-C; what was changed in it is gone
    then.

    Example: curl -H "Authorization: Bearer emulator-company-1" http://127.0.0.1:8765/api/external/v2/me
    """
    from pennybridge.emulator.server import run

    run(
        host=host,
        port=port,
        companies=companies,
        seed=seed,
        data=data,
        rate_limit=rate_limit,
        latency=latency,
        clock=clock,
        say=click.echo,
    )
