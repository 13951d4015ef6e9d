-- intermediate.sequels: where a recurring line ends because its sequel begins, with a small gap or overlap between them.
--
-- grain    one row per (company_id, line_id) whose sequel does not begin on the very day it ends
-- scope    one customer
--
-- The sequel of a line is the line of the same customer, product, currency and subscription on another invoice that
-- begins nearest its end, within the grace (15, 30 or 60 days by cadence), provided neither has a nearer partner.
-- Lines without a sequel add up: seats, sites.
with beginnings as (

    select distinct company_id, customer_id, price_id, currency, subscription_id, start_date
    from intermediate.standing_lines as standing
    where mrr_ccy > 0

),

endings as (

    select distinct company_id, customer_id, price_id, currency, subscription_id, end_date
    from intermediate.standing_lines as standing
    where mrr_ccy > 0 and not is_terminated

),

loose_ends as (

    select standing.*
    from intermediate.standing_lines as standing
    left join beginnings
        on beginnings.company_id = standing.company_id and beginnings.customer_id = standing.customer_id
        and beginnings.price_id = standing.price_id and beginnings.currency = standing.currency
        and beginnings.subscription_id = standing.subscription_id and beginnings.start_date = standing.end_date
    where standing.mrr_ccy > 0 and not standing.is_terminated and beginnings.company_id is null

),

loose_beginnings as (

    select standing.*
    from intermediate.standing_lines as standing
    left join endings
        on endings.company_id = standing.company_id and endings.customer_id = standing.customer_id
        and endings.price_id = standing.price_id and endings.currency = standing.currency
        and endings.subscription_id = standing.subscription_id and endings.end_date = standing.start_date
    where standing.mrr_ccy > 0 and endings.company_id is null

),

pairs as (

    select
        earlier.company_id, earlier.customer_id, earlier.price_id, earlier.currency, earlier.subscription_id,
        earlier.line_id, earlier.invoice_id,
        sequel.invoice_id as sequel_invoice_id,
        sequel.start_date as sequel_start,
        rank() over (
            partition by earlier.company_id, earlier.line_id
            order by abs(sequel.start_date - earlier.end_date), sequel.start_date
        ) as sequel_choice,
        rank() over (
            partition by sequel.company_id, sequel.line_id
            order by abs(sequel.start_date - earlier.end_date), earlier.end_date desc
        ) as earlier_choice
    from loose_ends as earlier
    join loose_beginnings as sequel
        on sequel.company_id = earlier.company_id and sequel.customer_id = earlier.customer_id
        and sequel.price_id = earlier.price_id and sequel.currency = earlier.currency
        and sequel.subscription_id = earlier.subscription_id
    where
        sequel.invoice_id <> earlier.invoice_id
        and sequel.start_date > earlier.start_date
        and sequel.end_date > earlier.end_date
        and abs(sequel.start_date - earlier.end_date) <= earlier.grace_days

)

select
    company_id,
    line_id,
    customer_id,
    min(sequel_start) as sequel_start
from pairs
where sequel_choice = 1 and earlier_choice = 1
group by company_id, line_id, customer_id
