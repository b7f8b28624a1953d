"""Suite of `user_category_affinity`: two parallel lists of a bounded length."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import parallel_lists
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user who wants a category; lists are seen by their length."""
    most = settings.features.affinity_categories
    return parallel_lists(
        "categories_length", "affinities_length", "n_categories", most, "features.affinity_categories"
    )
