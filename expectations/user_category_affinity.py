"""Suite of `user_category_affinity`: two parallel lists of a bounded length."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, equal, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user who wants a category; lists are seen by their length."""
    return [
        in_range(
            "categories_length",
            "a row has a first category, and at most features.affinity_categories",
            low=1,
            high=settings.features.affinity_categories,
        ),
        equal("categories_length", "affinities_length", "the two lists are read side by side"),
        at_most("categories_length", "n_categories", "the list is a part of all the categories"),
    ]
