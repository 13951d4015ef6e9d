"""Month-end figures as they were first published, so that a later change shows as a restatement."""

from datetime import date

from pennybridge.store import Transaction

_FIGURES = """
insert into metrics.published_figures
select figures.company_id, figures.figure, figures.month_index, figures.value, figures.is_provisional, :as_of
from ({current}) as figures
left join metrics.published_figures as known
    on known.company_id = figures.company_id and known.figure = figures.figure
    and known.month_index = figures.month_index
where known.company_id is null
"""

_CURRENT = """
    select company_id, 'mrr' as figure, period_index as month_index, mrr_base as value, is_provisional
    from metrics.mrr where granularity = 'month' and is_complete
    union all
    select company_id, 'customers', period_index, cast(customers as decimal(18, 4)), is_provisional
    from metrics.mrr where granularity = 'month' and is_complete
    union all
    select
        ends.company_id, 'open_amount', ends.month_index, cast(ends.open_amount_eur as decimal(18, 4)), false
    from receivables.month_ends as ends
    join metrics.periods as periods
        on periods.granularity = 'month' and periods.period_index = ends.month_index and periods.is_complete
"""


def publish_figures(transaction: Transaction, as_of: date) -> int:
    """Note the figures of months that ended and were never published; how many.

    A build as of a day before the last publication publishes nothing: it looks back, it does not report.
    """
    latest = transaction.rows("select max(published_as_of) from metrics.published_figures")[0][0]
    if latest is not None and as_of < latest:
        return 0
    return transaction.execute(_FIGURES.format(current=_CURRENT), as_of=as_of)
