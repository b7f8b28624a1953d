"""Comma-separated files with a header, quoted as RFC 4180 says, UTF-8."""

import csv
from collections import defaultdict
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from jobs.core.errors import InputError

# Where Spark puts a row that has more or fewer fields than the header.
_CORRUPT = "_corrupt_record"


def columns(path: Path) -> tuple[str, ...]:
    """The header's columns; none for an empty file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(next(csv.reader(stream), ()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path} as CSV: {error}; deliver it again as UTF-8 text") from None


def read(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Rows as JSON text; files whose headers differ are read apart. A broken row stays as it is."""
    by_header: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_header[columns(Path(path))].append(path)
    parts = [_read_alike(spark, header, alike) for header, alike in sorted(by_header.items())]
    return reduce(DataFrame.union, parts)


def _read_alike(spark: SparkSession, header: tuple[str, ...], paths: list[str]) -> DataFrame:
    schema = StructType([StructField(name, StringType()) for name in (*header, _CORRUPT)])
    rows = spark.read.csv(
        paths, schema=schema, header=True, multiLine=True, escape='"', columnNameOfCorruptRecord=_CORRUPT
    )
    text = F.to_json(F.struct(*(F.col(f"`{name}`") for name in header))) if header else F.lit("{}")
    return rows.select(F.coalesce(_CORRUPT, text).alias("raw"), F.col("_metadata.file_path").alias("source_file"))
