-- statements_end_at_open_amounts: the last balance of a customer's statement is not what the customer owes.
--
-- scope    one customer
with last_rows as (

    select company_id, customer_id, max(row_number) as row_number
    from receivables.statement_rows
    group by company_id, customer_id

),

owed as (

    select company_id, customer_id, sum(open_amount_eur) as open_amount
    from receivables.aging
    group by company_id, customer_id

)

select statement_rows.company_id, statement_rows.customer_id, statement_rows.balance_eur, owed.open_amount
from last_rows
join receivables.statement_rows as statement_rows
    on statement_rows.company_id = last_rows.company_id and statement_rows.customer_id = last_rows.customer_id
    and statement_rows.row_number = last_rows.row_number
left join owed
    on owed.company_id = statement_rows.company_id and owed.customer_id = statement_rows.customer_id
where statement_rows.balance_eur <> coalesce(owed.open_amount, 0)
