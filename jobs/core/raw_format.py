"""How a row that is no JSON stands in `raw_events.raw`: its fields as text, one after the other.

Turning every row into JSON and back would cost more than all the cleaning.
"""

import json
from collections.abc import Iterable

FIELD_SEPARATOR = "\x1f"
"""ASCII's own unit separator; it does not occur in the texts of a log."""

NULL_MARK = "\x1e"
"""Stands for a field without a value; an empty text is one."""


def header_text(names: Iterable[str]) -> str:
    """The names of a row's fields as `raw_events.header` keeps them."""
    return json.dumps(list(names), ensure_ascii=False)


def field_name(name: str) -> str:
    """What a log's column is called within a struct: Spark takes names that differ in case only for one."""
    return f"f{name.encode().hex()}"
