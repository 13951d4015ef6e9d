"""Puts right what a machine's clock left behind that has since been set back.

Rows carry when they were read, by our clock, and an older read never replaces a newer one. After the clock
went back, or on a second machine that is behind, every fresh answer would seem old: so what lies in the
future is brought to the present.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from pennybridge.store import landing

if TYPE_CHECKING:
    from pennybridge.store import Transaction

_INSTANTS = {
    "bookmarks": ("checked_at", "swept_at", "full_load_at"),
    "loads": ("started_at", "finished_at"),
    "details": ("read_at",),
    **dict.fromkeys(landing.TABLES, ("read_at",)),
}


def bring_to_the_present(transaction: "Transaction", company_id: int, now: datetime) -> bool:
    """Bring instants after `now` back to it, if a load of the company claims to be later; whether one did.

    A full load that was interrupted begins again: what it met is known by instants that no longer hold.
    """
    ((latest,),) = transaction.rows(
        "select max(started_at) from pennylane.loads where company_id = :company_id", company_id=company_id
    )
    if latest is None or latest <= now:
        return False
    for table, columns in _INSTANTS.items():
        for column in columns:
            transaction.execute(
                f"""
                update pennylane.{table} set {column} = :now
                where company_id = :company_id and {column} > :now
                """,  # noqa: S608 — names of our own
                company_id=company_id,
                now=now,
            )
    transaction.execute(
        "update pennylane.bookmarks set crawl = null where company_id = :company_id", company_id=company_id
    )
    return True
