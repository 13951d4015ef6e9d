"""What a schedule calls after each sync: publish to the destinations that the settings name."""

from pathlib import Path

from pennybridge.errors import PublishError
from pennybridge.publish.run import Progress, PublishReport, publish
from pennybridge.publish.target import open_target
from pennybridge.store import Database


def publish_after_sync(
    database: Database, destinations: str | None, *, home: Path, progress: Progress | None = None
) -> list[PublishReport]:
    """Bring every destination of `PENNYBRIDGE_PUBLISH_TO` up to date, for all companies.

    Nothing changed: a second or two of comparing, and nothing is written.

    Args:
        database: The books, with models as the last build left them.
        destinations: As `pennybridge publish` takes them, separated by spaces; none: nothing is done.
        home: The folder of this installation, where dlt keeps its working files.
        progress: Told about each table while it is written.

    Returns:
        A report for each destination.

    Raises:
        DatabaseBusyError: Another publication to the same destination is under way.
        PublishError: A destination refused, or differs from the books afterwards; those before it are up to
            date.
        StoreError: The books or a destination could not be read or written.
    """
    reports = []
    for text in (destinations or "").split():
        destination = open_target(text, work_folder=home / "publish")
        try:
            report = publish(database, destination, progress=progress)
        finally:
            destination.close()
        if report.problems:
            names = ", ".join(each.name for each in report.problems)
            raise PublishError(
                f"{text.partition('://')[0]}: after publishing, these tables differ from the books: {names}. "
                "Run `pennybridge publish` with --whole."
            )
        reports.append(report)
    return reports
