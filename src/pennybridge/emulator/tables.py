"""How records lie in SQLite: a table per resource, the document as JSON beside the columns lists search."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from pennybridge.emulator.resources import RESOURCES, Record, Resource

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()

SCHEMA = """
create table events (
    company_id integer not null, feed text not null, id integer not null, operation text not null,
    created_at text not null, updated_at text not null, processed_at text not null, visible_at text not null
);
create index events_of_a_feed on events (company_id, feed, processed_at);
create index events_by_visibility on events (visible_at);
create index events_of_a_record on events (feed, id);
create table category_weights (
    parent_id integer, category_id integer, weight text not null, primary key (parent_id, category_id)
) without rowid;
create index parents_of_a_category on category_weights (category_id, parent_id);
create table matches (
    invoice_id integer, transaction_id integer, amount text not null, primary key (invoice_id, transaction_id)
) without rowid;
create index invoices_of_a_transaction on matches (transaction_id);
"""

_RARELY_TRUE = {"draft", "credit_note"}
_SORTED_BY = {"date", "start"}


def open_database(path: str) -> sqlite3.Connection:
    """An empty database of books; what it held is not kept, so nothing is ever synced to disk."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
    connection.executescript(
        "pragma journal_mode=memory; pragma synchronous=off;"
        "pragma temp_store=memory; pragma cache_size=-65536;"
    )
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.executescript(SCHEMA + "".join(_create(resource) for resource in RESOURCES.values()))
    return connection


def _create(resource: Resource) -> str:
    name = resource.name
    columns = "".join(f"{column}, " for column in resource.columns)
    owner = "parent_id" if resource.child else "company_id"
    indexes = [f"create index {name}_by_owner on {name} ({owner}, id);"]
    for column in () if resource.child else resource.columns:
        only = f" where {column} = 1" if column in _RARELY_TRUE else f" where {column} is not null"
        indexes.append(
            f"create index {name}_by_{column} on {name} (company_id, {column}, id)"
            f"{'' if column in _SORTED_BY else only};"
        )
    return (
        f"create table {name} (id integer primary key, company_id integer not null, parent_id integer, "
        f"{columns}notes blob, body blob not null);" + "".join(indexes)
    )


def insert_statement(resource: Resource) -> str:
    """SQL that inserts, or replaces, a row made by `to_row`."""
    marks = ",".join("?" * (5 + len(resource.columns)))
    return f"insert or replace into {resource.name} values ({marks})"  # noqa: S608 - our own names


def to_row(resource: Resource, record: Record, company_id: int, parent_id: int | None) -> tuple[Any, ...]:
    """The row of a record: keys, searchable columns, our notes, and the document without derived links."""
    body = dict(record)
    notes = {key: body.pop(key) for key in record if key[0] == "_"}
    _add_urls(resource, body)
    columns = [_searchable(column, _value_at(record, path)) for column, path in resource.columns.items()]
    return (
        record["id"], company_id, parent_id, *columns,
        _encoder.encode(notes) if notes else None, _encoder.encode(body),
    )  # fmt: skip


def from_row(body: bytes, notes: bytes | None) -> Record:
    """The record that a row holds, our notes included."""
    record: Record = _decoder.decode(body)
    if notes:
        record.update(_decoder.decode(notes))
    return record


def _add_urls(resource: Resource, body: Record) -> None:
    """Give each reference its `url`; `@` stands for the base URL that the request came to."""
    for name, collection in resource.references.items():
        if target := body.get(name):
            body[name] = {**target, "url": f"@/{collection}/{target['id']}"}
    for path, link in resource.links.items():
        outer, _, inner = path.partition(".")
        if inner and outer in body:
            body[outer] = {**body[outer], inner: {"url": "@/" + link.replace("{id}", str(body["id"]))}}


def _value_at(record: Record, path: str) -> object:
    outer, _, inner = path.partition(".")
    value: object = record.get(outer)
    if not inner:
        return value
    return _value_at(value, inner) if isinstance(value, dict) else None


def _searchable(column: str, value: object) -> object:
    if column == "emails":
        return (
            _encoder.encode([str(email).lower() for email in value]).decode()
            if isinstance(value, Iterable)
            else "[]"
        )
    return value
