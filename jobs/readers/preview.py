"""The first rows of a log file as text, without Spark: enough to see what its columns hold."""

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from jobs.core.errors import InputError
from jobs.readers.open_text import GZIP, open_text

# Enough to meet event types that are one row in a thousand; read in well under a second.
PREVIEW_ROWS = 20_000

# What other programs write instead of the comma, and how a person calls it.
_OTHER_SEPARATORS = {"\t": "a tab", ";": "a semicolon", "|": "a bar"}

Row = dict[str, str]


@dataclass(frozen=True)
class Preview:
    """The head of a file.

    Attributes
    ----------
    columns
        In the order in which they first appear.
    rows
        Up to `PREVIEW_ROWS` rows: the text by column. Missing and empty values are left out.
    utc_columns
        Columns of moments: the file keeps them in UTC, and their text shows no offset.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    utc_columns: frozenset[str] = frozenset()

    def values(self, column: str) -> list[str]:
        """The column's values, row by row, without the missing ones."""
        return [row[column] for row in self.rows if column in row]


def preview(path: Path, log_format: str) -> Preview:
    """Read the head of a file as the reader of its format would.

    Parameters
    ----------
    path
        The file.
    log_format
        csv, jsonlines or parquet.

    Raises
    ------
    InputError
        If the file cannot be read, has no row, or is of a shape that no night reads.
    """
    try:
        rows = tuple(_FORMATS[log_format](path))
    except (OSError, EOFError, ValueError, zlib.error, csv.Error) as error:
        raise InputError(f"cannot read {path} as {log_format}: {error}; name its format with --format") from None
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        raise InputError(f"{path} has no row that is {log_format}; give a file with rows, or name its --format")
    filled = tuple({name: text for name, text in row.items() if text} for row in rows)
    return Preview(columns, filled, _moments(path) if log_format == "parquet" else frozenset())


def _csv(path: Path) -> Iterator[Row]:
    with open_text(path) as stream:
        reader = csv.DictReader(stream)
        _refuse_other_separator(path, reader.fieldnames or ())
        for row in islice(reader, PREVIEW_ROWS):
            yield {name: text.strip() for name, text in row.items() if name and isinstance(text, str)}


def _refuse_other_separator(path: Path, header: Sequence[str]) -> None:
    """The reader of a night takes commas only; by a header of one name with tabs in it, another was meant."""
    [only] = header if len(header) == 1 else [""]
    mark = max(_OTHER_SEPARATORS, key=only.count)
    if mark in only:
        code = f"import csv, sys; csv.writer(sys.stdout).writerows(csv.reader(sys.stdin, delimiter={mark!r}))"
        raise InputError(
            f"{path}: its separator is {_OTHER_SEPARATORS[mark]}, and a log of format csv is read with commas; "
            f'deliver it with commas, for example by: python -c "{code}" < {path.name} > commas.csv'
        )


def _jsonlines(path: Path) -> Iterator[Row]:
    with open_text(path) as stream:
        for line in islice(stream, PREVIEW_ROWS):
            row = _json(line)
            if isinstance(row, dict):
                yield {name: _text(value) for name, value in row.items() if value is not None}


def _json(line: str) -> Any:
    """The line's value; None where it is no JSON, as such lines are quarantined and stop nothing."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from jobs.readers.parquet_shape import refuse_shape

    try:
        file = pq.ParquetFile(_unpacked(path))
        refuse_shape(path, file.schema)
        head = next(file.iter_batches(batch_size=PREVIEW_ROWS), None)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None
    for row in head.to_pylist() if head else ():
        yield {name: _text(value) for name, value in row.items()}


def _moments(path: Path) -> frozenset[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(_unpacked(path))
    return frozenset(field.name for field in schema if pa.types.is_timestamp(field.type) and field.type.tz)


def _unpacked(path: Path) -> Path | BytesIO:
    """Parquet is read from its end: a gzipped file is unpacked as a whole."""
    return BytesIO(gzip.decompress(path.read_bytes())) if path.name.endswith(GZIP) else path


def _text(value: Any) -> str:
    """A value as the pipeline sees it: Spark shows moments in UTC and without an offset."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(sep=" ")
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value).strip()


_FORMATS: dict[str, Callable[[Path], Iterator[Row]]] = {"csv": _csv, "jsonlines": _jsonlines, "parquet": _parquet}
