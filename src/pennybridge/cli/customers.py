"""`pennybridge customers`: who they are, what they owe, and which of them the sync leaves out."""

from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.connections.exclusions import Customer
    from pennybridge.store import Database

_LIST = """
    with invoiced as (
        select
            customer_id,
            count(*) as invoices,
            sum(case when draft then 0 else coalesce(remaining_amount_with_tax, 0) end) as open_amount_eur
        from pennylane.customer_invoices
        where company_id = :company_id and deleted_at is null
        group by customer_id
    )

    select
        customers.id,
        customers.name,
        customers.customer_type,
        customers.billing_country,
        customers.external_reference,
        coalesce(invoiced.invoices, 0) as invoices,
        cast(coalesce(invoiced.open_amount_eur, 0) as numeric(18, 2)) as open_amount_eur,
        exclusions.customer_id is not null as excluded
    from pennylane.customers
    left join invoiced on invoiced.customer_id = customers.id
    left join pennylane.exclusions
        on exclusions.company_id = customers.company_id and exclusions.customer_id = customers.id
    where customers.company_id = :company_id
      and customers.deleted_at is null
      and lower(customers.name) like lower(:pattern)
    order by open_amount_eur desc, customers.id
"""

_COLUMNS = ("id", "name", "type", "country", "external reference", "invoices", "open EUR", "excluded")
_KEYS = (
    "id", "name", "customer_type", "country", "external_reference", "invoices", "open_amount_eur", "excluded"
)  # fmt: skip

_DOCUMENTS = """
    select invoice_number, date, deadline, status, currency, currency_amount, remaining_amount_with_tax
    from pennylane.customer_invoices
    where company_id = :company_id and customer_id = :customer_id and deleted_at is null
    order by date desc, id desc
    limit 20
"""

_CONTACTS = """
    select first_name, last_name, role, email
    from pennylane.contacts
    where company_id = :company_id and customer_id = :customer_id and deleted_at is null
    order by id
"""

which_company = click.option(
    "--connection",
    help="Which company: a connection's number, company id or name. Not needed when there is one.",
)


@click.group()
def customers() -> None:
    """List customers, or leave some out of the sync.

    CUSTOMER is Pennylane's id, the external reference, or the name when only one customer has it.
    """


@customers.command("list")
@click.option("--search", default="", metavar="TEXT", help="Only names that hold this text.")
@which_company
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def list_customers(search: str, connection: str | None, as_json: bool) -> None:
    """List the customers, those who owe most first."""
    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        rows = workspace.database(read_only=True).rows(_LIST, company_id=company_id, pattern=f"%{search}%")
    if as_json:
        output.print_records(_KEYS, rows)
    else:
        output.print_table(_COLUMNS, [(*row[:-1], "yes" if row[-1] else "") for row in rows])


@customers.command()
@click.argument("customer")
@which_company
def show(customer: str, connection: str | None) -> None:
    """Show a customer with its contacts and its latest documents."""
    from pennybridge.connections.exclusions import excluded_customers, find_customer

    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        database = workspace.database(read_only=True)
        found = find_customer(database, company_id, customer)
        excluded = found.id in excluded_customers(database, company_id)
        of_customer = {"company_id": company_id, "customer_id": found.id}
        contacts = database.rows(_CONTACTS, **of_customer)
        documents = database.rows(_DOCUMENTS, **of_customer)
    click.echo(f"{found.name} (id {found.id}){', excluded from the sync' if excluded else ''}")
    if contacts:
        output.print_table(("first name", "last name", "role", "e-mail"), contacts)
    columns = ("number", "date", "due", "status", "currency", "amount incl. tax", "open EUR")
    output.print_table(columns, documents)


@customers.command()
@click.argument("customer", nargs=-1, required=True)
@which_company
@click.option("--reason", help="A note kept beside the exclusion.")
@click.option("--dry-run", is_flag=True, help="Only say what would be left out.")
def exclude(customer: tuple[str, ...], connection: str | None, reason: str | None, dry_run: bool) -> None:
    """Leave customers out of the sync; what is there stays."""
    from pennybridge.connections import exclusions

    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        database = workspace.database(read_only=dry_run)
        found = [exclusions.find_customer(database, company_id, text) for text in customer]
        for one in found:
            number = _documents(database, company_id, one)
            click.echo(f"{one.name} (id {one.id}): {number} documents stay as they are.")
        if dry_run:
            click.echo("Nothing was changed.")
            return
        ids = [one.id for one in found]
        changed = exclusions.exclude(database, company_id, ids, at=workspace.clock(), reason=reason)
    click.echo(f"{changed} excluded. Undo it with: pennybridge customers include {' '.join(map(str, ids))}")


@customers.command()
@click.argument("customer", nargs=-1, required=True)
@which_company
def include(customer: tuple[str, ...], connection: str | None) -> None:
    """Take excluded customers into the sync again; the next one catches up."""
    from pennybridge.connections import exclusions

    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        database = workspace.database()
        ids = [exclusions.find_customer(database, company_id, text).id for text in customer]
        changed = exclusions.include(database, company_id, ids)
    click.echo(f"{changed} included again. Next: pennybridge sync")


def _documents(database: "Database", company_id: int, customer: "Customer") -> Any:
    sql = "select count(*) from pennylane.customer_invoices where company_id = :company and customer_id = :id"
    return database.rows(sql, company=company_id, id=customer.id)[0][0]
