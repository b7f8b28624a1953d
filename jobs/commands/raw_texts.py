"""From a row as a person has it to the texts under which `raw_events` may keep it."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jobs.core.errors import InputError, UsageError
from jobs.core.raw_format import FIELD_SEPARATOR
from jobs.readers.open_text import open_text


def raw_texts(row: str, headers: Iterable[str]) -> list[str]:
    """Texts to look for, null marks left out.

    Parameters
    ----------
    row
        A line of the log, or JSON text as the quarantine shows it.
    headers
        The different headers of the date's raw rows; empty for JSON lines.
    """
    names = [json.loads(header) for header in sorted(headers) if header]
    return list(dict.fromkeys([row, *(text for header in names for text in _joined(row, header))]))


def line_of(file: Path, number: int) -> str:
    """A row of a text file, with the lines that a quoted field spreads over.

    Parameters
    ----------
    number
        The line on which it begins or goes on, from 1.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If it has no such line.
    """
    if file.suffix == ".parquet":
        raise UsageError(f"{file} has no lines; give the row with --row as JSON text, or its --event-id")
    is_csv = ".csv" in file.suffixes
    try:
        with open_text(file) as stream:
            for last, text in _rows(stream) if is_csv else enumerate((line.rstrip("\r\n") for line in stream), 1):
                if last >= number:
                    return text
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {file}: {error}; give another file") from None
    raise UsageError(f"{file} has no line {number}; give a smaller number")


def _rows(stream: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The number of the last line of each row, and its text."""
    lines: list[str] = []

    def kept() -> Iterator[str]:
        for line in stream:
            lines.append(line)
            yield line

    reader = csv.reader(kept())
    for _ in reader:
        yield reader.line_num, "".join(lines).rstrip("\r\n")
        lines.clear()


def _joined(row: str, header: Sequence[str]) -> Iterator[str]:
    fields = _fields_of_json(row, header) or _fields_of_csv(row)
    if len(fields) == len(header):
        yield FIELD_SEPARATOR.join(fields)


def _fields_of_json(row: str, header: Sequence[str]) -> list[str]:
    try:
        values = json.loads(row)
    except ValueError:
        return []
    if not isinstance(values, dict) or not set(values) <= set(header):
        return []
    return ["" if values.get(name) is None else str(values[name]) for name in header]


def _fields_of_csv(row: str) -> list[str]:
    return next(csv.reader(row.splitlines(keepends=True)), [])
