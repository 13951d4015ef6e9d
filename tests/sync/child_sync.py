"""A sync in a process of its own, to be killed: its arguments are database, base URL, token, company."""

from pennybridge.api.client import Client
from pennybridge.store import open_database
from pennybridge.sync.run import sync
from tests.sync.conftest import SCOPES, NoLimit


def main(url: str, base_url: str, token: str, company_id: str) -> None:
    """Sync once, details within a small budget."""
    limiter = NoLimit()
    with (
        open_database(url) as database,
        Client(token, base_url=base_url, limiter=limiter) as client,  # type: ignore[arg-type]
    ):
        sync(company_id=int(company_id), client=client, database=database, scopes=SCOPES, request_budget=60)
