"""The formats of a log, one line each."""

from datetime import date
from pathlib import Path
from types import ModuleType

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.config.log import LogSettings
from jobs.core.errors import InputError
from jobs.readers import csv, jsonlines, parquet

READERS: dict[str, ModuleType] = {"csv": csv, "jsonlines": jsonlines, "parquet": parquet}

# Without these no row can become an event, so that a log that lacks them has another shape than its mapping.
REQUIRED = ("event_type", "event_time")


def read_raw(spark: SparkSession, files: dict[date, Path], log: LogSettings) -> DataFrame:
    """Rows of the files, untouched, with the day that each file's name says.

    Returns
    -------
    DataFrame
        One row per row of the log: run_date, source, raw (JSON text), source_file.

    Raises
    ------
    InputError
        Before a row is read, if a file cannot be read or lacks a column of the mapping.
    """
    reader = READERS[log.format]
    for path in files.values():
        check_columns(path, reader.columns(path), log)
    if not files:
        return spark.createDataFrame([], "run_date date, source string, raw string, source_file string")
    rows: DataFrame = reader.read(spark, [str(path) for path in files.values()])
    day = F.regexp_extract("source_file", r"(\d{4}-\d{2}-\d{2})\.[^/]*$", 1).cast("date")
    return rows.select(day.alias("run_date"), F.lit(log.name).alias("source"), "raw", "source_file")


def check_columns(path: Path, columns: tuple[str, ...], log: LogSettings) -> None:
    """Refuse a file that lacks a column which the mapping reads.

    Formats whose rows may leave columns out (JSON lines) must show the required ones only.
    """
    for target in sorted(log.columns):
        column = log.columns[target].column
        needed = target in REQUIRED or log.format != "jsonlines"
        if column is not None and needed and columns and column not in columns:
            raise InputError(
                f"{path} has no column {column!r}, which log.columns.{target} reads; it has: {', '.join(columns)}; "
                "correct the mapping in the app's file or deliver the file again"
            )
