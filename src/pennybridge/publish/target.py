"""What a person writes as DESTINATION, and the destination that it opens."""

import re
from pathlib import Path

from pennybridge.errors import ConfigurationError
from pennybridge.publish.destination import Destination

DATASET = "pennybridge"
"""The dataset or schema that holds the tables, unless another is named."""

_FORMAT = re.compile(r"(?:(parquet|delta|iceberg)\+)?(.*)", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def open_target(
    text: str,
    *,
    work_folder: Path,
    dataset: str = DATASET,
    own_database: str = "",
) -> Destination:
    """Open a destination.

    Args:
        text: `duckdb:///file`, `postgresql://…`, a folder or bucket (`./lake`, `delta+s3://bucket/lake`), or
            the name of a destination of dlt (`bigquery`), whose settings dlt finds by itself.
        work_folder: Where dlt keeps its working files.
        dataset: The dataset or schema that holds the tables.
        own_database: The address of the books: a DuckDB file cannot be published into itself.

    Raises:
        ConfigurationError: It is none of these, or a part that it needs is not installed.
        StoreError: It cannot be opened.
    """
    if not _NAME.fullmatch(dataset):
        raise ConfigurationError(
            "A dataset's name has lower-case letters, digits and _ and begins with a letter, "
            f"unlike {dataset!r}. Nothing was done."
        )
    if text.startswith(("duckdb:///", "postgresql://", "postgres://")):
        return _sql_warehouse(text, dataset, own_database)
    from pennybridge.publish.dlt_warehouse import DltWarehouse

    table_format, place = _FORMAT.fullmatch(text).groups()  # type: ignore[union-attr]  # matches any text
    if table_format or "/" in place or place in {".", ".."}:
        bucket = place if "://" in place else Path(place).expanduser().resolve().as_uri()
        return DltWarehouse(
            "filesystem",
            dataset=dataset,
            folder=work_folder,
            bucket=bucket,
            table_format=table_format or "parquet",
        )
    return DltWarehouse(text, dataset=dataset, folder=work_folder)


def _sql_warehouse(url: str, dataset: str, own_database: str) -> Destination:
    from pennybridge.publish.sql_warehouse import SqlWarehouse

    if not url.startswith("duckdb:///"):
        from pennybridge.store.refusals import postgresql_extra, without_password

        with postgresql_extra():
            shown = without_password(url)
        return SqlWarehouse(url, shown, dataset)
    file = Path(url.removeprefix("duckdb:///")).expanduser().resolve()
    if (
        own_database.startswith("duckdb:///")
        and file == Path(own_database.removeprefix("duckdb:///")).resolve()
    ):
        raise ConfigurationError(f"{file} holds the books themselves. Nothing was done; name another file.")
    return SqlWarehouse(f"duckdb:///{file}", f"duckdb:///{file}", dataset)
