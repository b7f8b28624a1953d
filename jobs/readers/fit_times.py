"""Does a template's format read the times of a sample, and if not, which one does?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jobs.readers.guess_time import LEAST_SHARE, guess_time, try_format


@dataclass(frozen=True)
class FittedTimes:
    """How a sample's times are written.

    Attributes
    ----------
    other_format
        The format that reads them; None where the template's does, or none does.
    times
        Those that were read; without an offset where the log has none.
    unread
        One of the sample's times, where neither the template's format nor another one reads them; else empty.
    """

    other_format: str | None = None
    times: tuple[datetime, ...] = ()
    unread: str = ""


def fit_times(known: str, values: Sequence[str], day: date | None) -> FittedTimes:
    """Compare a template's format with a sample.

    Parameters
    ----------
    known
        The template's format; it is kept unless another one reads more of the values.
    values
        Times as the log writes them.
    day
        Day of the file, None where its name does not say it.
    """
    own, guess = try_format(known, values), guess_time(values, day)
    if own and own.share >= LEAST_SHARE and (guess is None or own.rank(day) >= guess.rank(day)):
        return FittedTimes(times=own.times)
    if guess:
        return FittedTimes(guess.time_format, guess.times)
    # A pattern that cannot be tried here may well fit.
    return FittedTimes(unread=values[0] if values and own else "")
