-- Grants by OAuth 2.0: when a pair of tokens came, a renewal under way, why a grant ended; consents under way.

alter table connections add column state_before text;

alter table connections add column problem text;

alter table connections add column renewed_at timestamptz;

alter table connections add column renewing_since timestamptz;

create table authorizations (
    state_digest text primary key,
    session_digest text not null,
    connection_id text,
    sealed_verifier bytea not null,
    expires_at timestamptz not null,
    spent_at timestamptz,
    led_to text
);
