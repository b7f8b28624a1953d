"""Spark frames from and to the lake."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from jobs.adapters.lake import Attempt, Lake, Manifest
from jobs.adapters.lake.digest import finish
from jobs.adapters.spark.digest import digest_columns, digest_frame
from jobs.adapters.spark.types import RUN_DATE, contract, spark_schema, spark_type
from jobs.core.table import Table

_ROWS_PER_FILE = 100_000
"""Of what is kept: a log that is one gzipped or Parquet file is read by one task, and what follows need not be."""


def read_partitions(spark: SparkSession, lake: Lake, table: Table, manifests: Iterable[Manifest]) -> DataFrame:
    """Current rows of some partitions: the table's columns and `run_date`.

    Only the files that the manifests name are read, with the table's schema.
    """
    parts = [manifest for manifest in manifests if manifest.files]
    days = {manifest.run_date for manifest in parts}
    return _read_files(spark, table, days, [str(path) for manifest in parts for path in lake.paths(manifest)])


def read_attempt(spark: SparkSession, table: Table, attempt: Attempt, dates: Sequence[date]) -> DataFrame:
    """What was written into an attempt for some dates, before it is current: columns and `run_date`."""
    files = [str(attempt.folder / name) for day in dates for name in attempt.files(day)]
    return _read_files(spark, table, set(dates), files)


def _read_files(spark: SparkSession, table: Table, days: Collection[date], files: list[str]) -> DataFrame:
    if not files:
        return _no_rows(spark, table)
    # The run date is in the folder's name; with a base path Spark would refuse files of two attempts.
    frame = spark.read.schema(spark_schema(table)).parquet(*files)
    if len(days) == 1:
        return frame.selectExpr("*", f"DATE'{next(iter(days))}' AS {RUN_DATE}")
    day = F.regexp_extract(F.col("_metadata.file_path"), r"run_date=(\d{4}-\d{2}-\d{2})/", 1).cast("date")
    return frame.select("*", day.alias(RUN_DATE))


def _no_rows(spark: SparkSession, table: Table) -> DataFrame:
    """Made by Spark alone: a frame of a Python list would start Python workers."""
    columns = [f"CAST(NULL AS {spark_type(column.type)}) AS {column.name}" for column in table.columns]
    return spark.range(0).selectExpr(*columns, f"CAST(NULL AS date) AS {RUN_DATE}")


def keep_in_files(frame: DataFrame, folder: Path) -> DataFrame:
    """The frame, computed once and read from files from now on."""
    written = frame.write.mode("overwrite").option("compression", "lz4").option("maxRecordsPerFile", _ROWS_PER_FILE)
    written.parquet(str(folder))
    return frame.sparkSession.read.schema(frame.schema).parquet(str(folder))


def write_attempt(
    table: Table, frame: DataFrame, attempt: Attempt, dates: Sequence[date], tasks: int
) -> dict[date, tuple[int, str]]:
    """Write a frame's rows into an attempt, one folder a run date.

    Parameters
    ----------
    table
        Gives the columns and the order of rows within a file.
    frame
        The table's columns and `run_date`.
    attempt
        Where to.
    dates
        The run dates that the frame may hold.
    tasks
        Files of a single date at most; several dates give one file each.

    Returns
    -------
    dict
        Rows and digest of each date that has rows, counted while they were written. Empty for several dates.
    """
    selected = frame.selectExpr(*contract(table))
    if len(dates) > 1:
        ordered = selected.repartition(RUN_DATE).sortWithinPartitions(RUN_DATE, *table.grain)
        ordered.write.mode("append").partitionBy(RUN_DATE).parquet(str(attempt.folder))
        return {}
    rows = selected.drop(RUN_DATE).coalesce(tasks)
    # Logs are the long tables; nobody looks their rows up by their ids.
    is_sorted = table.grain and table.kind != "log"
    return _write_one(table, rows.sortWithinPartitions(*table.grain) if is_sorted else rows, attempt, dates[0])


def _write_one(table: Table, rows: DataFrame, attempt: Attempt, day: date) -> dict[date, tuple[int, str]]:
    """The digest is summed by the very tasks that write: a second pass would cost as much as the first."""
    seen = Observation(table.name)
    folder = attempt.partition(day)
    rows.observe(seen, *digest_columns(table)).write.parquet(str(folder))
    found = seen.get
    if not found["n_rows"]:
        shutil.rmtree(folder)
        return {}
    return {day: (found["n_rows"], finish(table, found["n_rows"], int(found["total"]), found["folded"]))}


def digest_attempt(
    spark: SparkSession, table: Table, attempt: Attempt, dates: Sequence[date]
) -> dict[date, tuple[int, str]]:
    """Rows and digest of each date that has rows, from the written files."""
    return digest_frame(table, read_attempt(spark, table, attempt, dates))
