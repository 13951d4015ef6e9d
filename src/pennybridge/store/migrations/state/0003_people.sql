-- The hub's own state: who may sign in, who is signed in, which sign-ins failed, and who did what.

create table users (
    id text primary key,
    name text not null unique,
    role text not null,
    password_hash text not null,
    created_at timestamptz not null
);

create table sessions (
    digest text primary key,
    user_id text not null references users (id),
    expires_at timestamptz not null
);

create table sign_in_failures (
    name text not null,
    failed_at timestamptz not null
);

create table audit (
    happened_at timestamptz not null,
    user_name text not null,
    action text not null,
    subject text not null
);
