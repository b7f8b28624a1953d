"""Columns of a log file with the kinds of their values, from its beginning; a whole file would be read twice."""

import json
import zlib
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

from jobs.core.config.log import LogSettings
from jobs.core.errors import InputError
from jobs.datasets.log_columns import SeenColumn, SeenFiles
from jobs.readers import csv, parquet
from jobs.readers.open_text import open_text

SAMPLE = 1000
"""Rows to look at; enough to see every column that is not rare."""

_KINDS = {str: "text", bool: "boolean", int: "number", float: "number", list: "list", dict: "object"}


def column_kinds(path: Path, log: LogSettings) -> SeenFiles:
    """Columns of one file; none of an empty one.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if log.format == "jsonlines":
        return _of_json_lines(path)
    # The fields of a CSV file are text, whatever they look like: its mapping says what they are.
    kinds = _of_parquet(path) if log.format == "parquet" else dict.fromkeys(csv.columns(path), "text")
    return SeenFiles({name: SeenColumn(frozenset({kind}), SAMPLE) for name, kind in kinds.items()}, SAMPLE)


def _of_json_lines(path: Path) -> SeenFiles:
    kinds: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    n_rows = 0
    try:
        with open_text(path) as stream:
            for line in islice(stream, SAMPLE):
                row = _object(line)
                n_rows += row is not None
                for name, value in (row or {}).items():
                    counts[name] += 1
                    kinds[name] |= {_KINDS[type(value)]} if value is not None else set()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as JSON lines: {error}; deliver it again as UTF-8 text") from None
    return SeenFiles({name: SeenColumn(frozenset(kinds[name]), counts[name]) for name in counts}, n_rows)


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _of_parquet(path: Path) -> dict[str, str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(parquet.plain_file(path))
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise InputError(f"cannot read {path} as Parquet: {error}; deliver it again") from None
    return {field.name: _kind(field.type) for field in schema}


def _kind(arrow_type: Any) -> str:
    """Coarse: whole numbers become floats where some are missing, and that is no change of the log."""
    import pyarrow.types as types

    if types.is_dictionary(arrow_type):
        return _kind(arrow_type.value_type)
    if types.is_integer(arrow_type) or types.is_floating(arrow_type) or types.is_decimal(arrow_type):
        return "number"
    if types.is_temporal(arrow_type):
        return "time"
    if types.is_boolean(arrow_type):
        return "boolean"
    return "list" if types.is_list(arrow_type) or types.is_large_list(arrow_type) else "text"
