-- The landing tables, the bookmarks that say how far each is read, and the loads that wrote them.

-- DuckDB keeps no primary key here: the guarded upsert is one writer at a time, and an index of a million rows
-- costs more memory and time than the joins it would save.

create table pennylane.customers (
    company_id bigint not null,
    id bigint not null,
    customer_type text,
    name text,
    first_name text,
    last_name text,
    reg_no text,
    vat_number text,
    external_reference text,
    reference text,
    emails text,
    phone text,
    recipient text,
    payment_conditions text,
    billing_language text,
    ledger_account_id bigint,
    billing_address text,
    billing_postal_code text,
    billing_city text,
    billing_country text,
    delivery_address text,
    delivery_postal_code text,
    delivery_city text,
    delivery_country text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.contacts (
    company_id bigint not null,
    id bigint not null,
    customer_id bigint not null,
    first_name text,
    last_name text,
    role text,
    email text,
    telephone_number text,
    mobile_number text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

/*postgresql: create index on pennylane.contacts (company_id, customer_id); */

create table pennylane.products (
    company_id bigint not null,
    id bigint not null,
    label text,
    description text,
    external_reference text,
    reference text,
    price_before_tax numeric(18,6),
    price numeric(18,6),
    vat_rate text,
    unit text,
    currency text,
    substance text,
    ledger_account_id bigint,
    archived_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.billing_subscriptions (
    company_id bigint not null,
    id bigint not null,
    customer_id bigint,
    label text,
    status text,
    mode text,
    start date,
    finish date,
    prev_occurrence date,
    next_occurrence date,
    activated_at timestamptz,
    stopped_at timestamptz,
    payment_conditions text,
    payment_method text,
    rule_type text,
    rule_interval integer,
    rule_count integer,
    rule_until text,
    rule_day_of_month text,
    rule_month_of_year text,
    rule_day text,
    currency text,
    amount numeric(18,6),
    currency_amount numeric(18,6),
    currency_amount_before_tax numeric(18,6),
    currency_tax numeric(18,6),
    exchange_rate numeric(18,10),
    discount_type text,
    discount_value numeric(18,6),
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.billing_subscription_lines (
    company_id bigint not null,
    id bigint not null,
    billing_subscription_id bigint not null,
    product_id bigint,
    label text,
    description text,
    quantity numeric(18,6),
    unit text,
    vat_rate text,
    amount numeric(18,6),
    tax numeric(18,6),
    currency_amount numeric(18,6),
    currency_amount_before_tax numeric(18,6),
    currency_tax numeric(18,6),
    raw_currency_unit_price numeric(18,6),
    discount_type text,
    discount_value numeric(18,6),
    section_rank integer,
    imputation_start_date date,
    imputation_end_date date,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

/*postgresql: create index on pennylane.billing_subscription_lines (company_id, billing_subscription_id); */

create table pennylane.customer_invoices (
    company_id bigint not null,
    id bigint not null,
    customer_id bigint,
    invoice_number text,
    label text,
    external_reference text,
    status text,
    draft boolean,
    paid boolean,
    date date,
    deadline date,
    currency text,
    amount numeric(18,6),
    tax numeric(18,6),
    currency_amount numeric(18,6),
    currency_amount_before_tax numeric(18,6),
    currency_tax numeric(18,6),
    exchange_rate numeric(18,10),
    remaining_amount_with_tax numeric(18,6),
    remaining_amount_without_tax numeric(18,6),
    discount_type text,
    discount_value numeric(18,6),
    credited_invoice_id bigint,
    billing_subscription_id bigint,
    quote_id bigint,
    customer_invoice_template_id bigint,
    transaction_provider text,
    transaction_field text,
    transaction_value text,
    e_invoicing_status text,
    factur_x boolean,
    language text,
    filename text,
    archived_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    lines_complete boolean,
    lines_read integer,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

-- The hub's lists find, sort and sum invoices from this index alone, as status counts and adds up lines from those
-- with included columns below: the rows themselves are wide with payloads.
/*postgresql: create index on pennylane.customer_invoices (company_id, date desc nulls last, id desc) include (
    customer_id, status, draft, paid, deadline, amount, currency_amount, currency_amount_before_tax,
    remaining_amount_with_tax, discount_value, lines_complete, deleted_at, invoice_number, credited_invoice_id
); */
/*postgresql: create index on pennylane.customer_invoices using hash (external_reference); */
/*postgresql: create index on pennylane.customer_invoices (company_id, customer_id); */
/*postgresql: create index on pennylane.customer_invoices (company_id, credited_invoice_id); */

create table pennylane.customer_invoice_lines (
    company_id bigint not null,
    id bigint not null,
    customer_invoice_id bigint not null,
    product_id bigint,
    label text,
    description text,
    quantity numeric(18,6),
    unit text,
    vat_rate text,
    amount numeric(18,6),
    tax numeric(18,6),
    currency_amount numeric(18,6),
    currency_amount_before_tax numeric(18,6),
    currency_tax numeric(18,6),
    raw_currency_unit_price numeric(18,6),
    discount_type text,
    discount_value numeric(18,6),
    section_rank integer,
    imputation_start_date date,
    imputation_end_date date,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

/*postgresql: create index on pennylane.customer_invoice_lines (company_id, customer_invoice_id)
    include (currency_amount_before_tax, deleted_at); */

create table pennylane.payments (
    company_id bigint not null,
    id bigint not null,
    customer_invoice_id bigint not null,
    label text,
    currency text,
    currency_amount numeric(18,6),
    status text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

/*postgresql: create index on pennylane.payments (company_id, customer_invoice_id); */

create table pennylane.matched_transactions (
    company_id bigint not null,
    id bigint not null,
    customer_invoice_id bigint not null,
    label text,
    date date,
    currency text,
    currency_amount numeric(18,6),
    amount numeric(18,6),
    outstanding_balance numeric(18,6),
    currency_fee numeric(18,6),
    fee numeric(18,6),
    journal_id bigint,
    bank_account_id bigint,
    customer_id bigint,
    archived_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, customer_invoice_id, id) */
);

/*postgresql: create index on pennylane.matched_transactions (company_id, customer_invoice_id)
    include (deleted_at); */

create table pennylane.categories (
    company_id bigint not null,
    id bigint not null,
    label text,
    direction text,
    category_group_id bigint,
    analytical_code text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.category_groups (
    company_id bigint not null,
    id bigint not null,
    label text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.customer_invoice_categories (
    company_id bigint not null,
    id bigint not null,
    customer_invoice_id bigint not null,
    label text,
    weight numeric(18,6),
    category_group_id bigint,
    analytical_code text,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, customer_invoice_id, id) */
);

/*postgresql: create index on pennylane.customer_invoice_categories (company_id, customer_invoice_id); */

create table pennylane.ledger_accounts (
    company_id bigint not null,
    id bigint not null,
    number text,
    label text,
    vat_rate text,
    country_alpha2 text,
    enabled boolean,
    type text,
    letterable boolean,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.quotes (
    company_id bigint not null,
    id bigint not null,
    customer_id bigint,
    quote_number text,
    label text,
    external_reference text,
    status text,
    date date,
    deadline date,
    currency text,
    amount numeric(18,6),
    tax numeric(18,6),
    currency_amount numeric(18,6),
    currency_amount_before_tax numeric(18,6),
    currency_tax numeric(18,6),
    exchange_rate numeric(18,10),
    discount_type text,
    discount_value numeric(18,6),
    archived_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    payload json not null /*duckdb: using compression zstd */,
    read_at timestamptz not null,
    load_id text not null,
    deleted_at timestamptz
    /*postgresql: , primary key (company_id, id) */
);

create table pennylane.companies (
    company_id bigint primary key,
    name text,
    reg_no text,
    base_currency text not null default 'EUR',
    base_url text,
    first_seen_at timestamptz
);

create table pennylane.bookmarks (
    company_id bigint not null,
    resource text not null,
    changes_from timestamptz,
    recent text,
    crawl text,
    full_load_at timestamptz,
    swept_at timestamptz,
    checked_at timestamptz,
    load_id text,
    problem text,
    primary key (company_id, resource)
);

create table pennylane.loads (
    load_id text primary key,
    company_id bigint not null,
    resource text not null,
    kind text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null,
    records_read bigint not null default 0,
    inserted bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    deleted bigint not null default 0,
    requests bigint not null default 0,
    seconds double precision,
    problem text
);

create table pennylane.details (
    company_id bigint not null,
    resource text not null,
    parent_id bigint not null,
    basis text,
    read_basis text,
    read_at timestamptz,
    priority integer not null default 0,
    primary key (company_id, resource, parent_id)
);

create table pennylane.exclusions (
    company_id bigint not null,
    customer_id bigint not null,
    excluded_at timestamptz not null,
    reason text,
    primary key (company_id, customer_id)
);

-- Invoices whose lines are all here and do not add up to the amount before tax, one cent per line allowed. Invoices
-- with a discount of their own are left out: whether Pennylane's lines are before or after it is not known.
create view pennylane.unsound_invoices as
select i.company_id, i.id, i.invoice_number, i.currency_amount_before_tax, l.line_count, l.line_total,
    i.currency_amount_before_tax - l.line_total as difference
from pennylane.customer_invoices as i
join (
    select company_id, customer_invoice_id, count(*) as line_count, sum(currency_amount_before_tax) as line_total
    from pennylane.customer_invoice_lines
    where deleted_at is null
    group by company_id, customer_invoice_id
) as l on l.company_id = i.company_id and l.customer_invoice_id = i.id
where i.deleted_at is null
    and i.lines_complete
    and coalesce(i.discount_value, 0) = 0
    and abs(i.currency_amount_before_tax - l.line_total) > 0.01 * l.line_count;
