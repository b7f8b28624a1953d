"""What any library may report in its own way, as one message of ours: a full disk, a damaged file of the lake."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.core.config import home_folder
from jobs.core.errors import NightjarError, StorageError
from jobs.stages.catalog import writer_of

_LAKE_FILE = re.compile(r"/\S*/lake/(?P<table>\w+)/data/\d+/run_date=(?P<day>\d{4}-\d{2}-\d{2})/[\w.-]+\.parquet")
# Of the system for a full disk and a file-size limit, and of SQLite.
_DISK_FULL = ("No space left on device", "File too large", "database or disk is full")
_READING_FAILED = ("FAILED_READ_FILE", "PATH_NOT_FOUND", "CANNOT_READ_FILE_FOOTER", "is not a Parquet file")


@contextmanager
def clear_errors(label: str, app: str) -> Iterator[None]:
    """Turn such an error into ours.

    Parameters
    ----------
    label
        What was being done, first in the message.
    app
        For the command that mends it.
    """
    try:
        yield
    except Exception as error:
        # A store or a model that could not be written says so in its own way, with the disk as the reason behind.
        if _is_disk_full(error):
            raise StorageError(
                f"{label}: the disk is full ({home_folder()}); nothing half-written was made current; free some "
                "room and run the same command again"
            ) from error
        damaged = None if isinstance(error, NightjarError) else _damaged_file(error)
        if damaged:
            table, day = damaged["table"], damaged["day"]
            raise StorageError(
                f"{label}: a file of table {table!r} of run_date={day} is damaged or gone: {damaged[0]}; mend it: "
                f"nightjar {writer_of(table)} --app {app} --date {day} --again"
            ) from error
        raise


def _damaged_file(error: BaseException) -> re.Match[str] | None:
    """The file of the lake that Spark could not read, where that is what went wrong."""
    text = str(error)
    return _LAKE_FILE.search(text) if any(mark in text for mark in _READING_FAILED) else None


def _is_disk_full(error: BaseException | None) -> bool:
    while error is not None:
        if any(mark in str(error) for mark in _DISK_FULL):
            return True
        error = error.__cause__ or error.__context__
    return False
