-- aging_adds_up_to_open_amounts: buckets, customers and open documents do not add up to the same amount.
--
-- scope    one customer
with by_document as (

    select company_id, sum(open_amount_eur) as open_amount
    from receivables.aging
    group by company_id

),

by_customer as (

    select
        company_id,
        sum(open_amount_eur) as open_amount,
        sum(not_due_eur + late_1_30_eur + late_31_60_eur + late_61_90_eur + late_over_90_eur - unapplied_eur) as buckets
    from receivables.aging_by_customer
    group by company_id

),

by_invoice as (

    select company_id, sum(open_amount_eur) as open_amount
    from billing.invoices
    where not excluded
    group by company_id

)

select by_invoice.company_id, by_invoice.open_amount, by_document.open_amount as aging, by_customer.buckets
from by_invoice
left join by_document on by_document.company_id = by_invoice.company_id
left join by_customer on by_customer.company_id = by_invoice.company_id
where
    by_invoice.open_amount <> coalesce(by_document.open_amount, 0)
    or by_invoice.open_amount <> coalesce(by_customer.open_amount, 0)
    or by_invoice.open_amount <> coalesce(by_customer.buckets, 0)
