-- Keys with which other programs use the JSON API; of each only a digest is kept.

create table api_keys (
    id text primary key,
    name text not null,
    role text not null,
    digest text not null unique,
    created_by text not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
