-- segments_add_up_to_mrr: the segments that count on a snapshot's day do not add up to its MRR.
--
-- scope    all customers
with latest as (

    select company_id, snapshot_date, mrr_base
    from metrics.mrr
    where granularity = 'month'

),

sums as (

    select latest.company_id, latest.snapshot_date, sum(segments.mrr_base) as mrr
    from latest
    join metrics.segments as segments
        on segments.company_id = latest.company_id
        and segments.start_date <= latest.snapshot_date and segments.end_date > latest.snapshot_date
    where latest.snapshot_date = cast(:as_of as date)
    group by latest.company_id, latest.snapshot_date

)

select latest.company_id, latest.snapshot_date, latest.mrr_base, sums.mrr
from latest
left join sums on sums.company_id = latest.company_id and sums.snapshot_date = latest.snapshot_date
where latest.snapshot_date = cast(:as_of as date) and latest.mrr_base <> coalesce(sums.mrr, 0)
