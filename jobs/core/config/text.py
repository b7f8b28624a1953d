"""Types of settings that are texts with a grammar of their own, checked when they are read."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

_NAMED_FORMATS = ("iso", "epoch_s", "epoch_ms")
# Spark's letters for parsing: https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html
_TIME_LETTERS = set("GyMLDdahKkHmsSVzOXxZ")
_LOG_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_EXTENSION = re.compile(r"[\w-]+(\.[\w-]+)*")


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone {value!r}; use an IANA name such as Europe/London") from error
    return value


def _compiles(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(
            f"{value!r} is no regular expression: {error}; write a literal parenthesis, dot or the like as \\( or \\."
        ) from None
    return value


def _tells_a_day(value: str) -> str:
    if value in _NAMED_FORMATS:
        return value
    # Text in single quotes is literal.
    letters = {letter for letter in "".join(value.split("'")[::2]) if letter.isalpha()}
    has_day = "y" in letters and ("D" in letters or ("d" in letters and letters & {"M", "L"}))
    if not has_day or letters - _TIME_LETTERS:
        raise ValueError(
            f"{value!r} is no format of times; use {', '.join(_NAMED_FORMATS)}, "
            "or a Spark pattern with year, month and day such as yyyy-MM-dd HH:mm:ss"
        )
    return value


def _ends_a_name(value: str) -> str:
    if not _EXTENSION.fullmatch(value):
        raise ValueError(f"{value!r} is no ending of a file's name; write it without the first dot, such as csv")
    return value


def _is_log_name(value: str) -> str:
    if not _LOG_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name of a log; use lower case and digits, with single _ between them")
    return value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""Name of a zone in the IANA database."""

RegularExpression = Annotated[str, AfterValidator(_compiles)]
"""Run by Spark, in Java's dialect, and checked in Python's: what both read the same is safe."""

TimeFormat = Annotated[str, AfterValidator(_tells_a_day)]
"""``iso``, ``epoch_s``, ``epoch_ms``, or a Spark pattern that tells at least the day."""

FileExtension = Annotated[str, AfterValidator(_ends_a_name)]
"""Ending of a file's name, without its first dot."""

LogName = Annotated[str, AfterValidator(_is_log_name)]
"""Key of one of several logs; such that an environment variable can name it."""
