"""A process that publishes and tells each slice that it has noted; `test_kills.py` kills it."""

import sys
from pathlib import Path

from pennybridge.publish import differences
from pennybridge.publish.run import publish
from pennybridge.publish.target import open_target
from pennybridge.store import open_database


def tell(*words: object) -> None:
    """A line for the process that waits to kill this one."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(books: str, target: str, folder: str) -> None:
    """Publish in slices of a hundred rows."""
    differences.ROWS_PER_SLICE = 100
    with open_database(books) as database:
        destination = open_target(target, work_folder=Path(folder) / "work")
        tell("begun")
        publish(database, destination, progress=tell)
        destination.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
