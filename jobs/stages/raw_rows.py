"""The rows of the log as the lake keeps them: in copies of the day's files, and in `raw_events`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.spark.lake_io import read_partitions
from jobs.core.config.log import LogSettings
from jobs.core.config.model import Settings
from jobs.core.errors import StorageError
from jobs.core.schemas import RAW_EVENTS, RAW_FILES
from jobs.readers.file_digest import file_digest
from jobs.readers.log_files import SourceFiles
from jobs.readers.registry import RAW_COLUMNS, check_files, file_headers, read_log, read_raw
from jobs.readers.text_fields import ROW_HASH

KeptLog = tuple[LogSettings, SourceFiles]
"""Files of a log and how they are read: in the format that the log had when they came."""


def kept_files(lake: Lake, settings: Settings, manifests: Sequence[Manifest]) -> list[KeptLog]:
    """Copies of the files of some partitions of `raw_files`, by log and format; of logs that the app still has."""
    found: dict[tuple[str, str], dict[date, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for manifest in manifests:
        for row in read_pandas(lake, RAW_FILES, manifest).itertuples():
            if str(row.source) in settings.sources:
                path = lake.attempt_folder(manifest) / str(row.kept_as)
                _check_copy(path, str(row.digest), settings.app, manifest.run_date)
                found[str(row.source), str(row.format)][manifest.run_date].append(path)
    return [
        (
            settings.sources[name].model_copy(update={"format": log_format}),
            SourceFiles({day: tuple(sorted(paths)) for day, paths in by_day.items()}),
        )
        for (name, log_format), by_day in sorted(found.items())
    ]


def _check_copy(path: Path, digest: str, app: str, run_date: date) -> None:
    """A file that was cut short would just bring fewer rows."""
    if not path.is_file() or file_digest(path, is_text=False) != digest:
        raise StorageError(
            f"the copy {path} of a log file of {run_date} is missing or damaged; run again: "
            f"nightjar ingest_events --app {app} --date {run_date} --again"
        )


def read_logs(
    spark: SparkSession, lake: Lake, settings: Settings, files: Sequence[Manifest], rows: Sequence[Manifest]
) -> dict[str, list[DataFrame]]:
    """Raw rows by log, as `read_log` gives them.

    Parameters
    ----------
    files, rows
        Manifests of `raw_files` and of `raw_events`.

    Raises
    ------
    InputError
        Before a row is read, if the mapping reads a column that a file does not have.
    """
    copies = kept_files(lake, settings, files)
    for log, found in copies:
        check_files(found, log, settings.key_of(log.name))
    split = read_partitions(spark, lake, RAW_EVENTS, rows) if any(manifest.rows for manifest in rows) else None
    return {name: _rows_of(spark, name, settings, copies, split) for name in settings.sources}


def _rows_of(
    spark: SparkSession, name: str, settings: Settings, copies: Sequence[KeptLog], split: DataFrame | None
) -> list[DataFrame]:
    if settings.sources[name].day_from == "event_time":
        own = [split.filter(F.col("source") == name)] if split is not None else []
        return [rows.selectExpr(*RAW_COLUMNS, ROW_HASH) for rows in own]
    return [rows for log, files in copies if log.name == name for rows in read_log(spark, files, log)]


def read_rows(
    spark: SparkSession, lake: Lake, settings: Settings, files: Sequence[Manifest], rows: Sequence[Manifest]
) -> DataFrame:
    """The same in one frame: run_date, source, header, raw, source_file."""
    split = read_partitions(spark, lake, RAW_EVENTS, rows).select(*RAW_COLUMNS)
    return read_raw(spark, kept_files(lake, settings, files)).union(split)


def headers_of(
    spark: SparkSession, lake: Lake, settings: Settings, files: Sequence[Manifest], rows: Sequence[Manifest]
) -> list[str]:
    """The values of `header` that these rows can have, sorted.

    Of kept files they are read from the files: Spark refuses to read a CSV file for its broken rows alone, which is
    what `read_rows(...).select("header")` comes to.
    """
    kept = {header for log, found in kept_files(lake, settings, files) for header in file_headers(found, log)}
    split = read_partitions(spark, lake, RAW_EVENTS, rows).select("header").distinct().collect()
    return sorted(kept | {row.header for row in split})
