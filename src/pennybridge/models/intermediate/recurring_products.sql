-- intermediate.recurring_products: what at least three customers of a company were sold as a subscription.
--
-- grain    one row per (company_id, price_id)
-- scope    all customers
-- kept     between builds: all customers' lines are judged by it
select company_id, price_id
from intermediate.recurring_sales
group by company_id, price_id
having count(*) >= 3
