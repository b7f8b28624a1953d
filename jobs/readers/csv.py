"""Comma-separated files with a header, quoted as RFC 4180 says, UTF-8."""

import csv
from collections import Counter, defaultdict
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from jobs.core.errors import InputError

# Where Spark puts a row that has more or fewer fields than the header.
_CORRUPT = "corrupt"


def columns(path: Path) -> tuple[str, ...]:
    """The header's columns; none for an empty file.

    Raises
    ------
    InputError
        If the file cannot be read, or two columns have one name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = tuple(next((row for row in csv.reader(stream) if row), ()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path} as CSV: {error}; deliver it again as UTF-8 text") from None
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise InputError(f"{path} has more than one column {repeated[0]!r}; deliver it again with names of their own")
    return header


def read(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Rows as JSON text; files whose headers differ are read apart. A broken row stays as it is."""
    by_header: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_header[columns(Path(path))].append(path)
    parts = [_read_alike(spark, header, alike) for header, alike in sorted(by_header.items()) if header]
    return reduce(DataFrame.union, parts, spark.createDataFrame([], "raw string, source_file string"))


def _read_alike(spark: SparkSession, header: tuple[str, ...], paths: list[str]) -> DataFrame:
    # Spark's names are by position: it takes `Id` and `id` for one column, and some characters for syntax.
    fields = [f"field_{position}" for position in range(len(header))]
    schema = StructType([StructField(name, StringType()) for name in (*fields, _CORRUPT)])
    rows = spark.read.csv(
        paths, schema=schema, header=True, multiLine=True, escape='"', columnNameOfCorruptRecord=_CORRUPT
    )
    named = F.struct(*(F.col(field).alias(name) for field, name in zip(fields, header, strict=True)))
    return rows.select(
        F.coalesce(_CORRUPT, F.to_json(named)).alias("raw"), F.col("_metadata.file_path").alias("source_file")
    )
