-- Sign-ins are counted by name and by address, or by a browser in which the same user has signed in before.
-- `name` holds a few digits of a digest of any of these from now on; `attempt` joins what one sign-in counted.

alter table sign_in_failures add column attempt text;

create table known_browsers (
    digest text primary key,
    user_id text not null references users (id),
    expires_at timestamptz not null
);
