"""The formats of a log, one line each, and the reading of all logs of an app."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path
from types import ModuleType

from pyspark.sql import DataFrame, SparkSession

from jobs.core.config.log import REQUIRED_BY_KIND, LogSettings
from jobs.core.config.model import Settings
from jobs.core.errors import InputError
from jobs.core.raw_format import header_text
from jobs.core.sql import sql_text
from jobs.readers import csv, jsonlines, parquet
from jobs.readers.log_files import LogFiles, SourceFiles, day_of

READERS: dict[str, ModuleType] = {"csv": csv, "jsonlines": jsonlines, "parquet": parquet}

RAW_COLUMNS = ("run_date", "source", "header", "raw", "source_file")


def read_log(spark: SparkSession, files: SourceFiles, log: LogSettings) -> list[DataFrame]:
    """Rows of the files of one log, untouched; a frame for each shape of file.

    Returns
    -------
    list of DataFrame
        One row per row of the log: run_date, source, header, raw, source_file as in `raw_events`, `row_hash` (equal
        for equal rows), and for formats with columns of their own `fields`, the same values as a struct. Rows of
        a log that is split by event time have no run date yet.
    """
    parts: list[DataFrame] = []
    for run_date, paths in _by_origin(files).items():
        for rows in READERS[log.format].read(spark, [str(path) for path in paths]):
            own = [name for name in ("fields",) if name in rows.columns]
            origin = (f"{run_date} AS run_date", f"{sql_text(log.name)} AS source")
            parts.append(rows.selectExpr(*origin, "header", "raw", "source_file", "row_hash", *own))
    return parts


def read_raw(spark: SparkSession, files: Iterable[tuple[LogSettings, SourceFiles]]) -> DataFrame:
    """Rows of all logs in one frame: run_date, source, header, raw, source_file; see `read_log`."""
    parts = [part for log, found in files for part in read_log(spark, found, log)]
    if not parts:
        texts = (f"CAST(NULL AS string) AS {name}" for name in RAW_COLUMNS[1:])
        return spark.range(0).selectExpr("CAST(NULL AS date) AS run_date", *texts)
    return reduce(DataFrame.union, (part.select(*RAW_COLUMNS) for part in parts))


def file_headers(files: SourceFiles, log: LogSettings) -> tuple[str, ...]:
    """All values of `header` that the files' rows can have."""
    if log.format == "jsonlines":
        return ("",)
    return tuple(sorted({"", *(header_text(READERS[log.format].columns(path)) for path in files.paths)}))


def _by_origin(files: SourceFiles) -> dict[str, list[Path]]:
    """Files by the SQL for their run date; texts are cut, since a regular expression on every row takes longer."""
    found: dict[str, list[Path]] = defaultdict(list)
    for day, paths in files.by_day.items():
        for path in paths:
            if len(files.by_day) == 1:
                found[f"DATE'{day}'"].append(path)
            elif day_of(path.name) == day and day_of(path.parent.name) != day:
                found["CAST(substring(file_name, 1, 10) AS date)"].append(path)
            else:
                found["CAST(substring(substring_index(source_file, '/', -2), 1, 10) AS date)"].append(path)
    if files.undated:
        found["CAST(NULL AS date)"] = list(files.undated)
    return found


def check_logs(files: LogFiles, settings: Settings) -> None:
    """Refuse what `check_files` refuses, of any log."""
    for name, found in files.items():
        check_files(found, settings.sources[name], settings.key_of(name))


def check_files(files: SourceFiles, log: LogSettings, key: str) -> None:
    """Refuse files that lack a column which the mapping of their log reads.

    Parameters
    ----------
    files, log
        Files, and how they are read.
    key
        Where the configuration holds the log.

    Raises
    ------
    InputError
        Naming file, key, and the columns that exist.
    """
    for path in files.paths:
        check_columns(path, READERS[log.format].columns(path), log, key)


def check_columns(path: Path, columns: tuple[str, ...], log: LogSettings, key: str) -> None:
    """Refuse a file that lacks a column which the mapping reads.

    Formats whose rows may leave columns out (JSON lines) must show the required ones only. An empty file has
    none that could be wrong; one whose first lines are of another format was refused when they were read.
    """
    for column, reader in _needed(log):
        if columns and column not in columns:
            raise InputError(
                f"{path} has no column {column!r}, which {key}.{reader} reads; it has: {', '.join(columns)}; "
                "correct the mapping in the app's file or deliver the file again"
            )


def _needed(log: LogSettings) -> Iterator[tuple[str, str]]:
    """Columns of the log that each file must have, and the key that reads each."""
    may_leave_out = log.format == "jsonlines"
    for target in sorted(log.columns):
        column = log.columns[target].column
        if column is not None and (target in REQUIRED_BY_KIND[log.kind] or not may_leave_out):
            yield column, f"columns.{target}"
    for position, row_filter in enumerate(log.filters):
        if not may_leave_out:
            yield row_filter.column, f"filters.{position}"
