-- Sign-ins are counted by name and by address, or by a browser in which the same user has signed in before.

drop table sign_in_failures;

create table sign_in_attempts (
    id text not null,
    counted_under text not null,
    attempted_at timestamptz not null
);

create index sign_in_attempts_by_count on sign_in_attempts (counted_under);

create table known_browsers (
    digest text primary key,
    user_id text not null references users (id),
    expires_at timestamptz not null
);
