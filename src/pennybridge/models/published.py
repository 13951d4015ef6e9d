"""Month-end figures as they were first published, so that a later change shows as a restatement."""

from datetime import date

from pennybridge.store import Transaction

_PUBLISH = """
insert into metrics.published_figures
select figures.company_id, figures.figure, figures.month_index, figures.value, figures.is_provisional, :as_of
from metrics.month_figures as figures
left join metrics.published_figures as known
    on known.company_id = figures.company_id and known.figure = figures.figure
    and known.month_index = figures.month_index
where known.company_id is null
"""


def publish_figures(transaction: Transaction, as_of: date) -> int:
    """Note the figures of months that ended and were never published; how many.

    A build as of a day before the last publication publishes nothing: it looks back, it does not report.
    """
    latest = transaction.rows("select max(published_as_of) from metrics.published_figures")[0][0]
    if latest is not None and as_of < latest:
        return 0
    return transaction.execute(_PUBLISH, as_of=as_of)
