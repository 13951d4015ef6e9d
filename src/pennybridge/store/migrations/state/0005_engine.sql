-- The engine's part of the hub's state: the latest sync of each connection, who works, what else is due.

create table engine_syncs (
    connection_id text primary key,
    every_seconds integer,
    stage text not null,
    turn bigint not null,
    reason text not null,
    full_resources text not null,
    asked_at timestamptz,
    hand_over_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    good_at timestamptz,
    failures integer not null,
    details_left boolean not null,
    worker text,
    progress text not null,
    problems text not null,
    load_ids text not null,
    requests bigint not null,
    written bigint not null
);

create table engine_workers (
    name text primary key,
    token text not null,
    host text not null,
    pid integer not null,
    started_at timestamptz not null,
    beat_at timestamptz not null,
    ended_at timestamptz
);

create table engine_chores (
    name text primary key,
    turn bigint not null,
    wanted_at timestamptz,
    hand_over_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    worker text,
    problem text,
    about text
);

create table engine_totals (
    kind text not null,
    outcome text not null,
    runs bigint not null,
    seconds double precision not null,
    requests bigint not null,
    written bigint not null,
    primary key (kind, outcome)
);
