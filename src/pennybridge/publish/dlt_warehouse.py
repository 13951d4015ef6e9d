"""Every destination that dlt reaches: warehouses, and folders or buckets of Parquet, Delta and Iceberg.

Rows go in as Arrow tables; rows as dicts took dlt 40 times as long. Tables are merged by delete and insert:
dlt's upsert would insert a row for each removal of a row that is not there. Parquet files and Iceberg tables
are replaced whole when something in them changed. One pipeline at a time writes to a dataset: parallel ones
were observed to lose rows. What is told to dlt twice is there once, so a killed load is simply written again.
"""

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pennybridge.publish.destination import Standing, Totals, Written, as_totals, totals_query
from pennybridge.publish.differences import Differences
from pennybridge.publish.dlt_library import dlt_errors, import_dlt, options_of
from pennybridge.publish.folder_totals import folder_totals
from pennybridge.publish.tables import PublishedTable

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_PACKAGE = 500_000
"""Tables are loaded together until they have this many rows; each package costs a warehouse some seconds."""

REMOVED = "is_removed"
"""The column, null in every row that stays, by which dlt is told of rows that models no longer have."""


class DltWarehouse:
    """A dataset at a destination of dlt, with the settings and secrets that dlt finds by itself."""

    def __init__(
        self,
        name: str,
        *,
        dataset: str,
        folder: Path,
        bucket: str | None = None,
        table_format: str | None = None,
    ) -> None:
        """Prepare it; nothing is reached before the first question.

        Args:
            name: dlt's name of the destination, as `bigquery`.
            dataset: The dataset or schema that holds the tables; in a bucket, the folder.
            folder: Where dlt keeps its working files.
            bucket: For `filesystem`, the address of the folder or bucket.
            table_format: For `filesystem`, `parquet`, `delta` or `iceberg`.

        Raises:
            ConfigurationError: dlt is not installed, or does not know the destination.
        """
        self._dlt = import_dlt()
        self.where = f"{bucket or name} {dataset}" + (f" as {table_format}" if table_format else "")
        self._dataset = dataset
        self._folder = folder
        self._table_format = table_format
        with dlt_errors(bucket or name):
            if bucket:
                self._destination = self._dlt.destinations.filesystem(bucket_url=bucket)
            else:
                by_name = self._dlt.common.destination.Destination.from_reference
                self._destination = by_name(name, **options_of(name))
        self._pipelines: dict[str, Any] = {}
        self._opened = ExitStack()
        self._reader: Any = None

    def standing(self, mark: str, former: Collection[str], tables: Sequence[PublishedTable]) -> Standing:
        """See `Destination.standing`; dlt writes a pipeline's schema there before its first table."""
        from dlt.common.destination.exceptions import DestinationUndefinedEntity

        with dlt_errors(self.where), self._pipeline(mark).destination_client() as client:
            try:
                if client.get_stored_schema(_pipeline_name(mark)):
                    return "ours"
                if any(client.get_stored_schema(_pipeline_name(each)) for each in former):
                    return "free"
            except DestinationUndefinedEntity:
                pass  # dlt never wrote there
            try:
                found = dict(client.get_storage_tables([table.name for table in tables]))
            except DestinationUndefinedEntity:
                return "free"
            return "taken" if any(found.values()) else "free"

    def write(self, mark: str, differences: Sequence[Differences], written: Written) -> None:
        """See `Destination.write`; each package of tables is told once it is loaded."""
        self.close()
        for is_first in (True, False):
            for package in _packages([each for each in differences if each.is_first == is_first]):
                with dlt_errors(self.where), warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of libraries under dlt: nothing a person can mend
                    pipeline = self._pipeline(mark)
                    pipeline.abort_packages()  # those of a killed run, whose rows are among the differences
                    pipeline.run(
                        [self._resource(each) for each in package],
                        loader_file_format=self._file_format,
                        refresh="drop_resources" if is_first else None,
                    )
                for each in package:
                    written(each, 1, each.total)

    def totals(self, table: PublishedTable, companies: tuple[int, ...]) -> Totals | None:
        """See `Destination.totals`; files are read by Arrow, warehouses asked in SQL."""
        from dlt.common.destination.exceptions import DestinationUndefinedEntity

        with dlt_errors(f"{self.where}, {table.name}", then="If it is damaged, publish anew with --whole."):
            client = self._client()
            try:
                if self._table_format:
                    return folder_totals(client, self._table_format, table, companies)
                name = client.make_qualified_table_name(table.name)
                query = totals_query(table, name, companies, escape=client.escape_column_name)
                with client.execute_query(query) as cursor:
                    return as_totals(cursor.fetchone())
            except DestinationUndefinedEntity:
                return None

    def close(self) -> None:
        """See `Destination.close`."""
        self._opened.close()
        self._reader = None

    def _client(self) -> Any:
        """What answers questions about the tables, opened once; never while a pipeline writes."""
        if self._reader is None:
            pipeline = next(iter(self._pipelines.values()))
            client = pipeline.destination_client() if self._table_format else pipeline.sql_client()
            self._reader = self._opened.enter_context(client)
        return self._reader

    def _pipeline(self, mark: str) -> Any:
        if mark not in self._pipelines:
            self._pipelines = {
                mark: self._dlt.pipeline(
                    _pipeline_name(mark),
                    destination=self._destination,
                    dataset_name=self._dataset,
                    pipelines_dir=str(self._folder),
                )
            }
        return self._pipelines[mark]

    @cached_property
    def _merges(self) -> bool:
        """Whether changed rows can be put in place of the old ones, or tables are replaced whole."""
        if self._table_format:
            return self._table_format == "delta"
        able = self._destination.capabilities()
        strategies = able.supported_merge_strategies or ()
        if able.merge_strategies_selector:  # Athena merges some formats of tables, not its usual one
            strategies = able.merge_strategies_selector(strategies, table_schema={})
        return "delete-insert" in strategies

    @cached_property
    def _file_format(self) -> str | None:
        """Parquet wherever it is taken without a bucket in between; else what dlt prefers there."""
        supported = self._destination.capabilities().supported_loader_file_formats or ()
        return "parquet" if self._table_format or "parquet" in supported else None

    def _marks_removals(self, table: PublishedTable) -> bool:
        return self._merges and table.is_model

    def _resource(self, found: Differences) -> Any:
        table = found.table
        merge = self._merges and not found.is_first and (table.is_model or not found.removed)
        rows = found if merge or found.is_first else found.everything()
        strategy = "upsert" if self._table_format else "delete-insert"
        source = self._dlt.resource(
            _slices(rows, removals=self._marks_removals(table)),
            name=table.name,
            primary_key=list(table.key),
            write_disposition={"disposition": "merge", "strategy": strategy} if merge else "replace",
            columns=_columns(table, removals=self._marks_removals(table)),
            table_format=self._table_format if self._table_format in {"delta", "iceberg"} else None,
        )
        source.apply_hints(additional_table_hints={"description": table.summary})
        return source


def _pipeline_name(mark: str) -> str:
    return f"pennybridge_{mark}"


def _packages(differences: Sequence[Differences]) -> Iterator[list[Differences]]:
    """Tables to load together."""
    package: list[Differences] = []
    for each in differences:
        if package and sum(other.total for other in package) + each.total > ROWS_PER_PACKAGE:
            yield package
            package = []
        package.append(each)
    if package:
        yield package


def _columns(table: PublishedTable, *, removals: bool) -> dict[str, dict[str, Any]]:
    """What dlt cannot read off the Arrow types."""
    columns: dict[str, dict[str, Any]] = {
        name: {"description": text} for name, text in table.comments.items()
    }
    if removals:
        columns[REMOVED] = {"data_type": "bool", "hard_delete": True, "nullable": True}
    return columns


def _slices(found: Differences, *, removals: bool) -> Iterator["pa.Table"]:
    """The rows to put; with `removals` also the keys of the rows to remove, told apart by `REMOVED`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = found.table
    for low, high in found.slices():
        rows = found.rows(low, high)
        if removals:
            rows = rows.append_column(REMOVED, pa.nulls(rows.num_rows, pa.bool_()))
        yield rows
        if removals and found.removed:
            keys = found.keys(low, high)
            gone = keys.filter(pc.is_null(keys["digest"])).select(list(table.key))
            gone = gone.append_column(REMOVED, pa.repeat(True, gone.num_rows))
            yield pa.concat_tables([rows.slice(0, 0), gone], promote_options="permissive")
