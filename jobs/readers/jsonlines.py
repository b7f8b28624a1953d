"""One JSON object a line, UTF-8, gzipped or not; empty lines are no rows."""

import json
from itertools import islice
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from jobs.core.errors import InputError
from jobs.readers.open_text import open_text
from jobs.readers.spark_path import spark_path
from jobs.readers.text_fields import FILE_COLUMNS, ROW_HASH

# Enough to see every column that is not rare; a whole file would be read twice.
_SAMPLE_LINES = 1000

# Nearly every line begins with its brace, and a regular expression takes longer than all the rest.
_IS_ROW = r"startswith(value, '{') OR value RLIKE '\\S'"


def columns(path: Path) -> tuple[str, ...]:
    """Columns that the first lines have, sorted; none where no line is a JSON object.

    Raises
    ------
    InputError
        If the file cannot be read, or is no UTF-8.
    """
    found: set[str] = set()
    try:
        with open_text(path) as stream:
            for line in islice(stream, _SAMPLE_LINES):
                found |= _keys(line)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as JSON lines: {error}; deliver it again as UTF-8 text") from None
    return tuple(sorted(found))


def _keys(line: str) -> set[str]:
    try:
        row = json.loads(line)
    except ValueError:
        return set()
    return set(row) if isinstance(row, dict) else set()


def read(spark: SparkSession, paths: list[str]) -> list[DataFrame]:
    """Lines as they are: header (empty), raw, file_name, source_file, row_hash; one frame."""
    lines = spark.read.text([spark_path(path) for path in sorted(paths)]).filter(_IS_ROW)
    return [lines.selectExpr("'' AS header", "value AS raw", *FILE_COLUMNS).selectExpr("*", ROW_HASH)]
