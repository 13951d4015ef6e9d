-- The hub's own state: which companies are connected, and by which sealed grant.

create table connections (
    id text primary key,
    company_id bigint not null,
    name text not null,
    base_url text not null,
    kind text not null,
    state text not null,
    sealed_grant bytea,
    scopes text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    settings text,
    unique (company_id, base_url)
);
