"""A run in a process of its own, to be killed or raced: state, base URL, token, company, how many, pause."""

from pathlib import Path

from pennybridge.api.client import Client
from pennybridge.invoicing.follow_up import FollowUp
from pennybridge.invoicing.run import create_invoices, import_invoices
from pennybridge.invoicing.submissions import Submissions
from pennybridge.store.state import open_state
from tests.invoicing.batch import a_batch, an_import_batch
from tests.sync.conftest import NoLimit


def main(state: str, base_url: str, token: str, company_id: str, folder: str) -> None:
    """Create a batch and import another."""
    with (
        open_state(state) as opened,
        Client(token, base_url=base_url, limiter=NoLimit()) as client,  # type: ignore[arg-type]
    ):
        submissions = Submissions(opened, int(company_id))
        create_invoices(
            a_batch(),
            client=client,
            submissions=submissions,
            create_customers=True,
            after=FollowUp(paid=True, create_categories=True),
        )
        import_invoices(
            an_import_batch(Path(folder)), client=client, submissions=submissions, create_customers=True
        )
