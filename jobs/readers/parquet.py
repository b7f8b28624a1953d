"""Parquet files with flat columns."""

from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.errors import InputError


def columns(path: Path) -> tuple[str, ...]:
    """Columns of the file's schema."""
    try:
        return tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"cannot read {path} as Parquet: {error}; deliver it again") from None


def read(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Rows as JSON text, every value as text; each file is read with its own schema."""
    return reduce(DataFrame.union, [_read_one(spark, path) for path in sorted(paths)])


def _read_one(spark: SparkSession, path: str) -> DataFrame:
    rows = spark.read.parquet(path)
    text = F.to_json(F.struct(*(F.col(f"`{name}`").cast("string").alias(name) for name in rows.columns)))
    return rows.select(text.alias("raw"), F.col("_metadata.file_path").alias("source_file"))
