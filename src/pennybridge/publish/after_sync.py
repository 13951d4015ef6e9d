"""What a schedule calls after each sync: publish to the destinations that the settings name."""

from pathlib import Path

from pennybridge.errors import PennybridgeError, PublishError
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
        PublishError: Some destinations refused, are being published to already, or differ from the books
            afterwards; the others are up to date.
    """
    reports, problems = [], []
    for text in (destinations or "").split():
        try:
            reports.append(_publish(database, text, home, progress))
        except PennybridgeError as error:
            problems.append(str(error))
    if problems:
        raise PublishError(" ".join(problems))
    return reports


def _publish(database: Database, text: str, home: Path, progress: Progress | None) -> PublishReport:
    destination = open_target(text, work_folder=home / "publish")
    try:
        report = publish(database, destination, progress=progress)
    finally:
        destination.close()
    if report.problems:
        names = ", ".join(each.name for each in report.problems)
        raise PublishError(
            f"{destination.where}: after publishing, these tables differ from the books: {names}. "
            "Run `pennybridge publish` with --whole."
        )
    return report
