"""Comma-separated files with a header, quoted as RFC 4180 says, UTF-8, gzipped or not."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from jobs.core.errors import InputError
from jobs.core.raw_format import field_name, header_text
from jobs.core.sql import sql_text
from jobs.readers.open_text import open_text
from jobs.readers.spark_path import spark_path
from jobs.readers.text_fields import FILE_COLUMNS, ROW_HASH, joined

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
        with open_text(path) as stream:
            header = tuple(next((row for row in csv.reader(stream) if row), ()))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path} as CSV: {error}; deliver it again as UTF-8 text") from None
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise InputError(f"{path} has more than one column {repeated[0]!r}; deliver it again with names of their own")
    return header


def read(spark: SparkSession, paths: list[str]) -> list[DataFrame]:
    """Fields as text: header, raw, file_name, source_file, row_hash, `fields`; a frame for each header.

    A row with another number of fields than the header stays as it is, and has no header.
    """
    by_header: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_header[columns(Path(path))].append(spark_path(path))
    return [_read_alike(spark, header, alike) for header, alike in sorted(by_header.items()) if header]


def _read_alike(spark: SparkSession, header: tuple[str, ...], paths: list[str]) -> DataFrame:
    # Spark's names are by position: it takes `Id` and `id` for one column, and some characters for syntax.
    fields = [f"field_{position}" for position in range(len(header))]
    schema = StructType([StructField(name, StringType()) for name in (*fields, _CORRUPT)])
    rows = spark.read.csv(
        paths, schema=schema, header=True, multiLine=True, escape='"', columnNameOfCorruptRecord=_CORRUPT
    )
    named = ", ".join(f"{sql_text(field_name(name))}, {field}" for name, field in zip(header, fields, strict=True))
    told = rows.selectExpr(
        f"IF({_CORRUPT} IS NULL, {sql_text(header_text(header))}, '') AS header",
        f"IF({_CORRUPT} IS NULL, {joined(fields)}, {_CORRUPT}) AS raw",
        *FILE_COLUMNS,
        f"named_struct({named}) AS fields",
    )
    return told.selectExpr("*", ROW_HASH)
