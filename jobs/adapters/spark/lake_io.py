"""Spark frames from and to the lake."""

from collections.abc import Iterable
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.adapters.lake import Attempt, Lake, Manifest
from jobs.adapters.spark.types import RUN_DATE, contract, spark_schema
from jobs.core.table import Table


def read_partitions(spark: SparkSession, lake: Lake, table: Table, manifests: Iterable[Manifest]) -> DataFrame:
    """Current rows of some partitions: the table's columns and `run_date`.

    Only the files that the manifests name are read, with the table's schema.
    """
    parts = [manifest for manifest in manifests if manifest.files]
    schema = spark_schema(table).add(RUN_DATE, "date")
    if not parts:
        return spark.createDataFrame([], schema)
    files = [str(path) for manifest in parts for path in lake.paths(manifest)]
    # The run date is in the folder's name; with a base path Spark would refuse files of two attempts.
    frame = spark.read.schema(spark_schema(table)).parquet(*files)
    day = F.regexp_extract(F.col("_metadata.file_path"), r"run_date=(\d{4}-\d{2}-\d{2})/", 1).cast("date")
    return frame.select("*", day.alias(RUN_DATE))


def write_attempt(table: Table, frame: DataFrame, attempt: Attempt, dates: list[date], tasks: int) -> None:
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
        Files of a single date; several dates give one file each.
    """
    selected = frame.selectExpr(*contract(table))
    spread = selected.coalesce(tasks) if len(dates) == 1 else selected.repartition(RUN_DATE)
    ordered = spread.sortWithinPartitions(RUN_DATE, *table.grain)
    ordered.write.mode("append").partitionBy(RUN_DATE).parquet(str(attempt.folder))
