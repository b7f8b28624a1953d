"""Suite of `user_item_affinity`: two parallel lists of a bounded length."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, equal, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user with a positive affinity; lists are seen by their length."""
    return [
        in_range(
            "items_length",
            "a row has a first item, and an app shows no more than features.affinity_items",
            low=1,
            high=settings.features.affinity_items,
        ),
        equal("items_length", "affinities_length", "the two lists are read side by side"),
        at_most("items_length", "n_items", "the list is a part of all the items"),
    ]
