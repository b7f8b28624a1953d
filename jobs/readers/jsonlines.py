"""One JSON object a line, UTF-8, gzipped or not; empty lines are no rows."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.core.errors import InputError
from jobs.readers.open_text import open_text
from jobs.readers.spark_path import spark_path
from jobs.readers.text_fields import FILE_COLUMNS, ROW_HASH

# Enough to see every column that is not rare; a whole file would be read twice.
_SAMPLE_LINES = 1000

# Of a line in a message: enough to tell a CSV header or a JSON array, and little of anybody.
_SHOWN = 20

# Nearly every line begins with its brace, and a regular expression takes longer than all the rest.
_IS_ROW = r"startswith(value, '{') OR value RLIKE '\\S'"


def columns(path: Path) -> tuple[str, ...]:
    """Columns that the first lines have, sorted; none of a file without lines.

    Raises
    ------
    InputError
        If the file cannot be read, is no UTF-8, or has lines of which none of the first ones is a JSON object.
    """
    try:
        with open_text(path) as stream:
            lines = [line for line in islice(stream, _SAMPLE_LINES) if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as JSON lines: {error}; deliver it again as UTF-8 text") from None
    objects = [row for row in map(_object, lines) if row is not None]
    if lines and not objects:
        raise InputError(
            f"{path} is no JSON lines: none of its first lines is a JSON object, the first one begins with "
            f"{lines[0].strip()[:_SHOWN]!r}; deliver one object a line, or correct the log's format in the app's file"
        )
    return tuple(sorted({name for row in objects for name in row}))


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def read(spark: SparkSession, paths: list[str]) -> list[DataFrame]:
    """Lines as they are: header (empty), raw, file_name, source_file, row_hash; one frame."""
    lines = spark.read.text([spark_path(path) for path in sorted(paths)]).filter(_IS_ROW)
    return [lines.selectExpr("'' AS header", "value AS raw", *FILE_COLUMNS).selectExpr("*", ROW_HASH)]
