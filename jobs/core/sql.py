"""Texts and names as Spark's SQL writes them.

Frames with hundreds of columns are described in SQL text: building as many column objects takes longer than
reading a small day.
"""

from collections.abc import Sequence


def sql_text(value: str) -> str:
    """The literal that stands for this very text."""
    # Spark would take `${` for a variable of its own.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
    return f"'{escaped}'"


def sql_name(name: str) -> str:
    """The identifier of a column, whatever its name holds."""
    escaped = name.replace("`", "``")
    return f"`{escaped}`"


def null_bits(names: Sequence[str]) -> str:
    """An expression for a number with a bit for each of at most 62 columns: set where the column is null.

    Spark's hashes pass over nulls, so that two rows whose nulls stand elsewhere may have one hash.
    """
    return " + ".join(f"IF({sql_name(name)} IS NULL, {1 << bit}L, 0L)" for bit, name in enumerate(names))
