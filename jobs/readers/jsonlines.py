"""One JSON object a line, UTF-8; empty lines are no rows."""

import json
from itertools import islice
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.errors import InputError

# Enough to see every column that is not rare; a whole file would be read twice.
_SAMPLE_LINES = 1000


def columns(path: Path) -> tuple[str, ...]:
    """Columns that the first lines have, sorted; none where no line is a JSON object."""
    found: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for line in islice(stream, _SAMPLE_LINES):
                found |= _keys(line)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as JSON lines: {error}; deliver it again as UTF-8 text") from None
    return tuple(sorted(found))


def _keys(line: str) -> set[str]:
    try:
        row = json.loads(line)
    except ValueError:
        return set()
    return set(row) if isinstance(row, dict) else set()


def read(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Lines as they are."""
    rows = spark.read.text(sorted(paths)).select(
        F.col("value").alias("raw"), F.col("_metadata.file_path").alias("source_file")
    )
    return rows.filter(F.col("raw").rlike(r"\S"))
