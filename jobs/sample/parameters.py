"""What a sample log is made from: the flags of `nightjar sample`, checked."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from jobs.core.errors import UsageError

GENERATOR_VERSION = 2
"""Raised whenever the same parameters would give other bytes or files, so that an old sample is made anew."""

MAX_DIRT = 0.5
"""Above this share the templates of spoiled lines run out, as each clean row is spoiled at most once."""


@dataclass(frozen=True)
class Parameters:
    """All that decides the bytes of a sample.

    Attributes
    ----------
    users, items
        Size of the whole population. Some users join, and some items launch, only after the last day.
    days
        Number of daily files, at least 1.
    first_day
        UTC day of the first file; day index 0 everywhere in this package.
    seed
        Any integer from 0.
    dirt
        Spoiled lines as a share of clean rows, from 0 to ``MAX_DIRT``.

    Raises
    ------
    UsageError
        If a value is out of its range.
    """

    users: int = 5000
    items: int = 2000
    days: int = 60
    first_day: date = date(2025, 1, 1)
    seed: int = 7
    dirt: float = 0.02

    def __post_init__(self) -> None:
        for name, least in (("users", 1), ("items", 1), ("days", 1), ("seed", 0)):
            got = getattr(self, name)
            if got < least:
                raise UsageError(f"sample: --{name} is {got}; give a whole number from {least}")
        if not 0.0 <= self.dirt <= MAX_DIRT:
            raise UsageError(f"sample: --dirt is {self.dirt}; give a share from 0 to {MAX_DIRT}")

    def date_of(self, day: int) -> date:
        """UTC date of a day index."""
        return self.first_day + timedelta(days=day)

    def as_json(self) -> dict[str, str | int | float]:
        """Parameters and generator version, as plain values for the marker file."""
        return {**asdict(self), "first_day": self.first_day.isoformat(), "generator": GENERATOR_VERSION}
