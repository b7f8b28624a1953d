"""Guesses how a log writes its times, and from which day on."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from jobs.readers.spark_pattern import parser_of

# Logs hold broken times; a format that reads fewer than this share of them is not theirs.
LEAST_SHARE = 0.8
# A day with fewer of the readable times than this share is taken for an error of a clock.
_LEAST_DAY_SHARE = 0.01
_LOOKED_AT = 2000

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?")

# Single letters read one digit and two. Where days and months cannot be told apart, the first of two equal
# candidates stands.
_PATTERNS = (
    "yyyyMMddHHmmss",
    "yyyy/M/d H:mm:ss",
    "yyyy/M/d H:mm",
    "d.M.yyyy H:mm:ss",
    "d.M.yyyy H:mm",
    "d/M/yyyy H:mm:ss",
    "d/M/yyyy H:mm",
    "M/d/yyyy H:mm:ss",
    "M/d/yyyy H:mm",
    "dd/MMM/yyyy:HH:mm:ss Z",
)

_Parse = Callable[[str], datetime]


@dataclass(frozen=True)
class TimeGuess:
    """How times are written.

    Attributes
    ----------
    time_format
        A value of the setting log.time_format.
    share
        Share of the values that it reads, in (0, 1].
    rival
        Another format that reads as many, such as months before days; None where there is none.
    times
        The values that were read; without an offset where the log has none.
    """

    time_format: str
    share: float
    rival: str | None
    times: tuple[datetime, ...]

    def rank(self, day: date | None) -> tuple[float, int]:
        """Share that is read, then times on that day; more is better."""
        return self.share, sum(time.date() == day for time in self.times)


def guess_time(values: Sequence[str], day: date | None = None) -> TimeGuess | None:
    """The format that reads most values, or None where no format reads `LEAST_SHARE` of them.

    Parameters
    ----------
    values
        Times as the log writes them.
    day
        The day of the file, where its name says so: of two formats that read as many values, the one
        that finds more of them on that day is taken.
    """
    looked_at = values[:_LOOKED_AT]
    guesses = [_try(name, parse, looked_at) for name, parse in _FORMATS.items()]
    best = max(guesses, key=lambda guess: guess.rank(day))
    if best.share < LEAST_SHARE:
        return None
    rival = next((other for other in guesses if other is not best and other.rank(day) == best.rank(day)), None)
    return TimeGuess(best.time_format, best.share, rival.time_format if rival else None, best.times)


def try_format(time_format: str, values: Sequence[str]) -> TimeGuess | None:
    """What one format reads of the values, or None where it is a Spark pattern that cannot be tried here."""
    parse = _FORMATS.get(time_format) or parser_of(time_format)
    return _try(time_format, parse, values[:_LOOKED_AT]) if parse else None


def first_day(times: Iterable[datetime], zone: ZoneInfo) -> date | None:
    """The earliest local day with more than a stray row; None without times.

    Parameters
    ----------
    times
        A time without an offset is taken as local.
    zone
        The app's time zone.
    """
    days = Counter(time.astimezone(zone).date() if time.tzinfo else time.date() for time in times)
    least = _LEAST_DAY_SHARE * days.total()
    return min((day for day, rows in days.items() if rows >= least), default=None)


def _try(name: str, parse: _Parse, values: Sequence[str]) -> TimeGuess:
    times: list[datetime] = []
    for value in values:
        with suppress(ValueError, OverflowError, OSError):
            times.append(parse(value))
    return TimeGuess(name, len(times) / len(values) if values else 0.0, None, tuple(times))


def _iso(text: str) -> datetime:
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.replace("UTC", "Z").replace(" Z", "Z"))


def _epoch(text: str, digits: int, per_second: int) -> datetime:
    """Seconds or milliseconds; both have that many digits from 2001 to 2286, and may have decimals."""
    if not re.fullmatch(rf"[0-9]{{{digits}}}(\.[0-9]*)?", text):
        raise ValueError(text)
    return datetime.fromtimestamp(float(text) / per_second, UTC)


_FORMATS: dict[str, _Parse] = {
    "iso": _iso,
    "epoch_s": partial(_epoch, digits=10, per_second=1),
    "epoch_ms": partial(_epoch, digits=13, per_second=1000),
    **{pattern: parse for pattern in _PATTERNS if (parse := parser_of(pattern))},
}
