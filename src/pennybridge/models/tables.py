"""The tables that a build needs beside its models: its memory, people's decisions, what Python fills."""

from pennybridge.models.calendar_months import calendar_months
from pennybridge.store import Transaction

_TABLES = (
    "create schema if not exists build",
    "create schema if not exists staging",
    "create schema if not exists intermediate",
    "create schema if not exists billing",
    "create schema if not exists metrics",
    "create schema if not exists receivables",
    "drop table if exists build.scope",  # it stayed between builds before 2026-11-22
    "create table if not exists build.state (name text primary key, value text not null)",
    "create table if not exists build.seen_loads (load_id text primary key)",
    """create table if not exists metrics.calendar (
        month_index integer primary key, month_start date, month_end date
    )""",
    """create table if not exists intermediate.label_readings (
        line_text text primary key, reader_version integer not null, stem text not null,
        start_date date, end_date date, is_yearless boolean not null, period_kind text,
        period_confidence decimal(3, 2), evidence text, cadence_months integer,
        recurring_word text, one_off_word text, usage_word text, discount_word text
    )""",
    """create table if not exists intermediate.ecb_rates (
        currency text not null, rate_date date not null, currency_per_eur decimal(18, 10) not null,
        primary key (currency, rate_date)
    )""",
    """create table if not exists metrics.overrides (
        company_id bigint not null, override_level text not null, line_id text not null default '',
        customer_id text not null default '', price_id text not null default '', recurrence text,
        cadence_months integer, period_start date, period_end date, note text, set_at timestamptz not null,
        primary key (company_id, override_level, line_id, customer_id, price_id)
    )""",
    """create table if not exists metrics.published_figures (
        company_id bigint not null, figure text not null, month_index integer not null,
        value decimal(18, 4) not null, is_provisional boolean not null, published_as_of date not null,
        primary key (company_id, figure, month_index)
    )""",
)


def prepare_tables(transaction: Transaction) -> None:
    """Make what is missing; nothing that is there changes."""
    for statement in _TABLES:
        transaction.execute(statement)
    if not transaction.rows("select 1 from metrics.calendar limit 1"):
        transaction.append("metrics.calendar", calendar_months())
