-- receivables.statement_rows: every document and settlement of a customer, in order, with the balance after it.
--
-- grain    one row per (company_id, customer_id, row_number)
-- scope    one customer
-- amounts  euros, tax included; debit raises what is owed, credit lowers it
-- as of    :as_of
--
-- A credit note stands as its own credit, so what it took off an invoice is not shown a second time. What was settled
-- without a transaction is no payment of the customer's that anyone saw, and is called otherwise. is_settled marks
-- documents with nothing left open, and their settlements: a statement of open items leaves them out.
with entries as (

    select
        invoices.company_id,
        invoices.customer_id,
        invoices.invoice_id,
        invoices.invoice_date as entry_date,
        case when invoices.is_credit_note then 'credit_note' else 'invoice' end as entry_kind,
        1 as entry_rank,
        '' as settlement_id,
        invoices.invoice_number,
        case when not invoices.is_credit_note then invoices.due_date end as due_date,
        invoices.total_incl_tax_eur as amount_eur
    from staging.invoices as invoices
    where not invoices.excluded

    union all

    select
        settlements.company_id,
        settlements.customer_id,
        settlements.invoice_id,
        greatest(settlements.settlement_date, invoices.invoice_date) as entry_date,
        case
            when settlements.date_source = 'last transaction' then 'other_settlement'
            when settlements.date_source = 'assumed' then 'assumed_settlement'
            when settlements.amount_eur < 0 then 'refund'
            else 'payment'
        end as entry_kind,
        2 as entry_rank,
        settlements.settlement_id,
        invoices.invoice_number,
        cast(null as date) as due_date,
        0 - settlements.amount_eur as amount_eur
    from receivables.settlements as settlements
    join staging.invoices as invoices
        on invoices.company_id = settlements.company_id and invoices.invoice_id = settlements.invoice_id
    where
        settlements.settlement_kind not in ('credit_note', 'applied')
        and settlements.settlement_date <= cast(:as_of as date) and not invoices.excluded

),

numbered as (

    select
        *,
        row_number() over (
            partition by company_id, customer_id
            order by entry_date, entry_rank, length(invoice_id), invoice_id, settlement_id = '', settlement_id
        ) as row_number
    from entries

)

select
    numbered.company_id,
    numbered.customer_id,
    cast(numbered.row_number as integer) as row_number,
    numbered.entry_date,
    numbered.entry_kind,
    numbered.invoice_id,
    numbered.invoice_number,
    numbered.due_date,
    cast(case when numbered.amount_eur > 0 then numbered.amount_eur else 0 end as decimal(18, 6)) as debit_eur,
    cast(case when numbered.amount_eur < 0 then 0 - numbered.amount_eur else 0 end as decimal(18, 6)) as credit_eur,
    cast(sum(numbered.amount_eur) over (
        partition by numbered.company_id, numbered.customer_id order by numbered.row_number
        rows between unbounded preceding and current row
    ) as decimal(18, 6)) as balance_eur,
    coalesce(amounts.open_amount_eur, 0) = 0 as is_settled
from numbered
left join receivables.open_amounts as amounts
    on amounts.company_id = numbered.company_id and amounts.invoice_id = numbered.invoice_id and amounts.is_current
