"""Suite of `recommender_training`: what a recommender learns from, and what judges it."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per label window, user and item."""
    return [
        at_most("cut", "run_date", "a label window that has not closed would teach what is not known yet"),
        filled("user_id", "a wish of nobody is nobody's to learn from"),
        filled("item_id", "a wish for nothing cannot be right or wrong"),
    ]
