"""Suite of `user_segments`: each user is in a group that has a name."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per active user."""
    return [
        filled("segment", "a user without a group has no row"),
        in_range("certainty", "the probability of the likeliest group", above=0, high=1),
        in_range("n_visits", "a number of hours", low=0),
    ]
