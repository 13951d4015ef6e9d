"""What a build does besides on PostgreSQL, for its speed, its readers and other builds."""

from pennybridge.models.catalog import Model
from pennybridge.store import Transaction

_FIRST = (
    # Syncs commit meanwhile: without one snapshot, a check would count what its model has not seen.
    "set transaction isolation level repeatable read",
    # One build at a time. It is taken before the snapshot, so that who waited sees what was built meanwhile.
    "lock table pennylane.schema_version in share update exclusive mode",
    # After a few subqueries joined on four keys, it expects one row where there are a hundred thousand, and
    # loops over all pairs: `intermediate.cadences` took minutes for 200,000 lines, with hash joins a second.
    "set local enable_nestloop = off",
    "set local work_mem = '64MB'",  # sorts and hashes of a build's size; the default is 4 MB
    "set local jit = off",  # compiling a long statement takes longer than most models do
)


def begin(transaction: Transaction) -> None:
    """Wait for any other build, and set what suits statements over whole tables; before anything is read."""
    for statement in _FIRST:
        transaction.execute(statement)


def refill(transaction: Transaction, model: Model, sql: str) -> bool:
    """Put a model's rows in place of those that its table has; False where there is no table.

    Dropping it would make readers wait until the build ends, and leave those of an older snapshot with an
    empty table.
    """
    if not transaction.rows("select 1 where to_regclass(:name) is not null", name=model.name):
        return False
    transaction.execute(f"delete from {model.name}")  # noqa: S608 — names of ours
    transaction.execute(f"insert into {model.name} {sql}")
    return True


def index(transaction: Transaction, model: Model) -> None:
    """Give a new table the index by which customers' rows are found, or periods joined by a range of them."""
    columns = ("company_id", model.customer_column) if model.scope == "customer" else model.key
    transaction.execute(f"create index on {model.name} ({', '.join(columns)})")
