"""Suite of `next_interests`: two parallel lists of a bounded length."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import equal, in_range, in_set
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per active user; lists are seen by their length."""
    most = settings.profiles.next_interest.categories
    why = "a row has a first category, and at most profiles.next_interest.categories"
    return [
        in_range("categories_length", why, low=1, high=most),
        equal("categories_length", "shares_length", "the two lists are read side by side"),
        in_set("based_on", ("own", "segment", "everybody"), "what the ranking rests on"),
    ]
