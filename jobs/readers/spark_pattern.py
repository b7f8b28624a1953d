"""Reads times by a Spark pattern without Spark: enough of its letters for what logs write."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

# What the letters of https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html take, and Python's for them.
_LETTERS = {
    "yyyy": (r"\d{4}", "%Y"),
    "MMM": (r"[A-Za-z]{3}", "%b"),
    "MM": (r"\d{2}", "%m"),
    "M": (r"\d{1,2}", "%m"),
    "dd": (r"\d{2}", "%d"),
    "d": (r"\d{1,2}", "%d"),
    "HH": (r"\d{2}", "%H"),
    "H": (r"\d{1,2}", "%H"),
    "hh": (r"\d{2}", "%I"),
    "h": (r"\d{1,2}", "%I"),
    "a": (r"AM|PM", "%p"),
    "mm": (r"\d{2}", "%M"),
    "ss": (r"\d{2}", "%S"),
    **{"S" * digits: (rf"\d{{{digits}}}", "%f") for digits in range(1, 7)},
    "Z": (r"[+-]\d{4}", "%z"),
    "XX": (r"Z|[+-]\d{4}", "%z"),
    "XXX": (r"Z|[+-]\d{2}:\d{2}", "%z"),
}
_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>(?P<one>[A-Za-z])(?P=one)*)|(?P<other>.)", re.DOTALL)


def parser_of(pattern: str) -> Callable[[str], datetime] | None:
    """What reads a text by the pattern, or None where the pattern has a letter that is not known here.

    The parser raises ValueError for a text that Spark would not read: `MM` wants two digits, `M` takes one or two.
    """
    parts = list(_parts(pattern))
    if any(part is None for part in parts):
        return None
    shape = re.compile("".join(f"(?:{part[0]})" for part in parts if part))
    directives = "".join(part[1] for part in parts if part)

    def parse(text: str) -> datetime:
        if not shape.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(text, directives)

    return parse


def _parts(pattern: str) -> Iterator[tuple[str, str] | None]:
    """Regular expression and Python's directive of each part."""
    for token in _TOKEN.finditer(pattern):
        if token["letters"]:
            yield _LETTERS.get(token["letters"])
        else:
            # Two quotes are one, also within a text in quotes.
            literal = token["other"] or token["quoted"].replace("''", "'") or "'"
            yield re.escape(literal), literal.replace("%", "%%")
