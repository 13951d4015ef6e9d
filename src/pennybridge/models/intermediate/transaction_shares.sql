-- intermediate.transaction_shares: what each matched bank transaction settled of each document.
--
-- grain    one row per (company_id, invoice_id, payment_id)
-- scope    one customer
-- amounts  euros, positive, whatever the document's sign
--
-- Pennylane says which transactions settle a document, not by how much. A transaction fills its documents in the order
-- they were created (observed); a document is never filled beyond what the books call settled.
with settled as (

    select
        documents.company_id,
        documents.customer_id,
        documents.invoice_id,
        documents.total_incl_tax_eur,
        abs(documents.total_incl_tax_eur - documents.remaining_incl_tax_eur) as settled_eur
    from staging.documents as documents

),

matched as (

    select
        settled.*,
        payments.payment_id,
        payments.payment_date,
        payments.listed_amount_eur * case when settled.total_incl_tax_eur < 0 then -1 else 1 end as transaction_eur
    from settled
    join staging.payments as payments
        on payments.company_id = settled.company_id and payments.invoice_id = settled.invoice_id
        and payments.payment_kind = 'transaction'

),

capacities as (

    select
        *,
        greatest(transaction_eur - coalesce(sum(settled_eur) over (
            partition by company_id, customer_id, payment_id order by length(invoice_id), invoice_id
            rows between unbounded preceding and 1 preceding
        ), 0), 0) as capacity_eur
    from matched
    where transaction_eur > 0

),

filled as (

    select
        *,
        coalesce(sum(capacity_eur) over (
            partition by company_id, invoice_id order by payment_date, length(payment_id), payment_id
            rows between unbounded preceding and 1 preceding
        ), 0) as filled_before_eur
    from capacities

)

select
    company_id,
    customer_id,
    invoice_id,
    payment_id,
    payment_date,
    cast(greatest(least(capacity_eur, settled_eur - filled_before_eur), 0) as decimal(18, 6)) as share_eur
from filled
