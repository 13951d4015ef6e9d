"""What PostgreSQL has to be told so that it plans the models well; DuckDB needs none of it."""

from pennybridge.models.catalog import Model
from pennybridge.store import Transaction

_SETTINGS = (
    # After a few subqueries joined on four keys, it expects one row where there are a hundred thousand, and
    # loops over all pairs: `intermediate.cadences` took minutes for 200,000 lines, with hash joins a second.
    "set local enable_nestloop = off",
    "set local work_mem = '64MB'",  # sorts and hashes of a build's size; the default is 4 MB
    "set local jit = off",  # compiling a long statement takes longer than most models do
)


def settle(transaction: Transaction) -> None:
    """Set, for this transaction, what suits statements that read whole tables."""
    for setting in _SETTINGS:
        transaction.execute(setting)


def index(transaction: Transaction, model: Model) -> None:
    """Give a new table the index by which customers' rows are found, or periods joined by a range of them."""
    columns = ("company_id", model.customer_column) if model.scope == "customer" else model.key
    transaction.execute(f"create index on {model.name} ({', '.join(columns)})")


def look_at(transaction: Transaction, table: str) -> None:
    """Count what is in a table made a moment ago."""
    transaction.execute(f"analyze {table}")
