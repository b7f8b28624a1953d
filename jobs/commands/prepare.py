"""`nightjar prepare`: record Java's class archive once for an environment."""

import argparse
import logging
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

from jobs.adapters.spark.class_archive import archive_path
from jobs.adapters.spark.java import find_java
from jobs.adapters.spark.session import spark_session
from jobs.core.config import known_apps, load_settings

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar prepare        about 20 s, once; `make setup` does it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> int:
    """Run a small job of the kinds that stages run; the archive is written as Java ends."""
    archive = archive_path(find_java())
    if archive.is_file():
        log.info("prepare: unchanged (%s)", archive.name)
        return 0
    log.info("prepare: recording Java's class archive, about 20 s, once")
    with tempfile.TemporaryDirectory() as folder:
        # Every app shares the settings that count here.
        settings = load_settings(known_apps()[0]).spark
        spark = spark_session(settings, Path(folder), "prepare", record=True)
        frame = spark.range(100).selectExpr("id % 7 AS key", "cast(id AS string) AS text", "DATE'2025-01-01' AS day")
        frame.write.partitionBy("day").parquet(f"{folder}/table")
        back = spark.read.parquet(f"{folder}/table").persist()
        sums = back.groupBy("key").agg({"text": "max", "day": "min"})
        ranked = back.selectExpr("*", "row_number() OVER (PARTITION BY key ORDER BY text) AS place")
        ranked.join(sums, "key", "full_outer").selectExpr("to_json(struct(*)) AS raw").write.text(f"{folder}/raw")
        spark.read.text(f"{folder}/raw").selectExpr("from_json(value, 'key string') AS row").count()
        _end_java(spark)
    log.info("prepare: done")
    return 0


def _end_java(spark: SparkSession) -> None:
    """Stop Spark and wait until Java has ended, for it writes the archive last."""
    gateway = spark.sparkContext._gateway
    assert gateway is not None, "a started session has a gateway"
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=300)
