"""Texts and names as Spark's SQL writes them.

Frames with hundreds of columns are described in SQL text: building as many column objects takes longer than
reading a small day.
"""


def sql_text(value: str) -> str:
    """The literal that stands for this very text."""
    # Spark would take `${` for a variable of its own.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
    return f"'{escaped}'"


def sql_name(name: str) -> str:
    """The identifier of a column, whatever its name holds."""
    escaped = name.replace("`", "``")
    return f"`{escaped}`"
