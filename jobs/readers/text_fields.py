"""A row's fields as one text, in SQL that compiles: see `raw_events.raw`."""

from collections.abc import Iterable

from jobs.core.raw_format import FIELD_SEPARATOR, NULL_MARK
from jobs.core.sql import sql_text

FILE_COLUMNS = ("_metadata.file_name AS file_name", "_metadata.file_path AS source_file")

ROW_HASH = "xxhash64(header, raw) AS row_hash"
"""What tells two rows of a log apart."""


def joined(fields: Iterable[str]) -> str:
    """SQL for one text of several text expressions."""
    texts = ", ".join(f"coalesce({field}, {sql_text(NULL_MARK)})" for field in fields)
    return f"concat_ws({sql_text(FIELD_SEPARATOR)}, {texts})"
