"""Parquet files with flat columns; a gzipped one is unpacked first, since Parquet is read from its end."""

import gzip
import shutil
import tempfile
import zlib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, TimestampType

from jobs.core.config import home_folder
from jobs.core.errors import InputError
from jobs.core.fingerprint import hash_of
from jobs.core.raw_format import field_name, header_text
from jobs.core.sql import null_bits, sql_name, sql_text
from jobs.readers.open_text import GZIP
from jobs.readers.parquet_shape import refuse_shape
from jobs.readers.spark_path import spark_path
from jobs.readers.text_fields import FILE_COLUMNS, joined

# Of each column: its path, how it is stored, and what that means.
Shape = tuple[tuple[str, str, str], ...]

# Of a long, all but its sign.
_BITS = 62
_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def columns(path: Path) -> tuple[str, ...]:
    """Columns of the file's schema.

    Raises
    ------
    InputError
        If the file cannot be read, has times that Spark does not know, or column names that differ in case only.
    """
    schema = _schema(path)
    refuse_shape(path, schema)
    return tuple(schema.to_arrow_schema().names)


def _schema(path: Path) -> pq.ParquetSchema:
    try:
        with pq.ParquetFile(plain_file(path)) as file:
            return file.schema
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise InputError(f"cannot read {path} as Parquet: {error}; deliver it again") from None


def plain_file(path: Path) -> Path:
    """The file itself, or what is packed in it, unpacked until the process ends."""
    if not path.name.endswith(GZIP):
        return path
    found = path.resolve()
    folder = _scratch() / hash_of([str(found), found.stat().st_mtime_ns]) / found.parent.name
    target = folder / path.name.removesuffix(GZIP)
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        with gzip.open(path, "rb") as packed, part.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
        part.replace(target)
    return target


@cache
def _scratch() -> Path:
    folder = home_folder() / "spark"
    folder.mkdir(parents=True, exist_ok=True)
    # Removed when the process ends.
    keeper = tempfile.TemporaryDirectory(prefix="unpacked-", dir=folder)
    _KEPT.append(keeper)
    return Path(keeper.name)


def read(spark: SparkSession, paths: list[str]) -> list[DataFrame]:
    """Values as text: header, raw, file_name, source_file, row_hash and `fields`; a frame for each schema.

    Points in time become ISO text with `Z`, so that they do not depend on a time zone; local times have no offset.
    """
    by_shape: dict[Shape, list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_shape[_shape(_schema(Path(path)))].append(spark_path(plain_file(Path(path))))
    return [_read_alike(spark, alike) for alike in by_shape.values()]


def _shape(schema: pq.ParquetSchema) -> Shape:
    """What Spark sees of a schema; the text of one begins with its address in memory, and notes of writers differ."""
    columns = (schema.column(position) for position in range(len(schema)))
    return tuple(
        (column.path, column.physical_type, f"{column.logical_type} {column.converted_type}") for column in columns
    )


def _read_alike(spark: SparkSession, paths: list[str]) -> DataFrame:
    rows = spark.read.parquet(*paths)
    header = sql_text(header_text(rows.columns))
    fields = {field.name: _as_text(field) for field in rows.schema.fields}
    named = ", ".join(f"{sql_text(field_name(name))}, {text}" for name, text in fields.items())
    # Nulls are passed over by the hash, so that which they are is hashed too.
    nulls = ", ".join(null_bits(rows.columns[first : first + _BITS]) for first in range(0, len(fields), _BITS))
    return rows.selectExpr(
        f"{header} AS header",
        f"{joined(fields.values())} AS raw",
        *FILE_COLUMNS,
        f"xxhash64({nulls}, {', '.join(map(sql_name, fields))}) AS row_hash",
        f"named_struct({named}) AS fields",
    )


def _as_text(field: StructField) -> str:
    value = sql_name(field.name)
    if isinstance(field.dataType, StringType):
        return value
    text = f"CAST({value} AS string)"
    # The session's zone is UTC, and its text of a moment is ISO but for the letters that say so.
    return f"concat(replace({text}, ' ', 'T'), 'Z')" if isinstance(field.dataType, TimestampType) else text
