-- Batches of invoices that somebody handed to the hub, and how far each is.

create table outgoing_batches (
    id text primary key,
    connection_id text not null,
    created_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    files text not null,
    options text not null,
    stage text not null,
    worker text,
    progress text not null,
    problem text,
    report text
);
