"""Suite of `user_item_affinity`: two parallel lists of a bounded length."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import parallel_lists
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user with a positive affinity; lists are seen by their length."""
    most = settings.features.affinity_items
    return parallel_lists("items_length", "affinities_length", "n_items", most, "features.affinity_items")
