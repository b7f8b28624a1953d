"""Suite of `segments`: groups that people can use and that are not new every night."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import equal, filled, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per group; lists are seen by their length."""
    return [
        filled("title", "a group is told in words"),
        in_range("n_users", "a group without users is none", low=1),
        in_range("share", "a part of all users", low=0, high=1),
        in_range("kept_share", "a part of yesterday's users", low=0, high=1),
        in_range("moved_share", "a night in which most users change their group has other groups", low=0, high=0.5,
                 severity="warning"),
        in_range("drift", "a centre moves by a deviation only if its users are others", low=0, high=1,
                 severity="warning"),
        equal("habits_length", "centre_length", "the two lists are read side by side"),
    ]  # fmt: skip
