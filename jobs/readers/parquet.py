"""Parquet files with flat columns."""

from collections import defaultdict
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, TimestampType

from jobs.core.errors import InputError


def columns(path: Path) -> tuple[str, ...]:
    """Columns of the file's schema.

    Raises
    ------
    InputError
        If the file cannot be read, has times that Spark does not know, or column names that differ in case only.
    """
    schema = _schema(path)
    _refuse(path, schema)
    return tuple(schema.to_arrow_schema().names)


def _schema(path: Path) -> pq.ParquetSchema:
    try:
        with pq.ParquetFile(path) as file:
            return file.schema
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"cannot read {path} as Parquet: {error}; deliver it again") from None


def _refuse(path: Path, schema: pq.ParquetSchema) -> None:
    names = schema.to_arrow_schema().names
    if len({name.lower() for name in names}) < len(names):
        raise InputError(f"{path} has columns that differ in case only: {', '.join(names)}; rename one")
    for position in range(len(schema)):
        column = schema.column(position)
        if column.physical_type == "INT64" and "nanoseconds" in str(column.logical_type):
            raise InputError(
                f"{path}: column {column.name!r} holds times in nanoseconds, which Spark does not read; "
                "write the file with microseconds (in pandas: to_parquet(..., coerce_timestamps='us'))"
            )


def read(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Rows as JSON text, every value as text; files whose schemas differ are read apart.

    Points in time become ISO text with `Z`, so that they do not depend on a time zone; local times have no offset.
    """
    by_schema: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_schema[str(_schema(Path(path)))].append(path)
    return reduce(DataFrame.union, [_read_alike(spark, alike) for alike in by_schema.values()])


def _read_alike(spark: SparkSession, paths: list[str]) -> DataFrame:
    rows = spark.read.parquet(*paths)
    text = F.to_json(F.struct(*(_as_text(field) for field in rows.schema.fields)))
    return rows.select(text.alias("raw"), F.col("_metadata.file_path").alias("source_file"))


def _as_text(field: StructField) -> Expression:
    value = F.col(f"`{field.name.replace('`', '``')}`")
    if isinstance(field.dataType, TimestampType):
        value = F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    return value.cast("string").alias(field.name)
