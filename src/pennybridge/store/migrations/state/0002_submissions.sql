-- What was meant to be sent to Pennylane, written before it is sent, and what became of it.

create table submissions (
    company_id bigint not null,
    external_reference text not null,
    way text not null,
    digest text not null,
    state text not null,
    invoice_id bigint,
    file_id bigint,
    invoice_number text,
    problem text,
    file text not null,
    line integer,
    steps text not null,
    claimed_by text,
    claimed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (company_id, external_reference)
);
