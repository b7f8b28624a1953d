"""The statement that writes a view's rows: one for all lines of a key, in half of the time of one for each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedColumn, EncodedView


def insertion(table: str, encoded: "EncodedView") -> tuple[str, Iterator[tuple[Any, ...]]]:
    """A statement, and its parameters for each key.

    What all keys have in common, and the names of features, stand in the statement, values as hexadecimal digits.

    Parameters
    ----------
    table
        Quoted.
    encoded
        At least one key.
    """
    parameters: list[list[Any]] = [encoded.keys]
    lines = []
    moment = int(encoded.event_time.timestamp())
    # The order of the primary key, so that the table only grows at its end.
    for name in sorted(encoded.columns):
        value, text = _told(encoded.columns[name], parameters)
        lines.append(f"(?1, '{name}', {value}, {text}, {moment})")
    columns = "entity_key, feature_name, value, value_text, event_ts"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join(lines)}", zip(*parameters, strict=True)


def _told(column: "EncodedColumn", parameters: list[list[Any]]) -> tuple[str, str]:
    """SQL of a value and of the text beside it; what differs from key to key becomes a parameter."""
    if column.is_stamp:
        text = replace(column, plain=column.plain and column.plain[:1], values=column.values[:1]).texts()[0]
        return f"x'{column.values[0].hex()}'", "NULL" if text is None else f"CAST(x'{text.encode().hex()}' AS TEXT)"
    value = _next(column.values, parameters)
    return value, "NULL" if column.plain is None else _next(column.texts(), parameters)


def _next(values: list[Any], parameters: list[list[Any]]) -> str:
    parameters.append(values)
    return f"?{len(parameters)}"
