"""Suite of `item_profiles`: no profile is of tomorrow, and no price is a typing error."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per item of the catalogue."""
    return [
        at_most("valid_from", "run_date", "a feature would see a price before it was asked"),
        filled("item_id", "an item without an id is about nothing"),
        in_range("price", "above clean.max_price it is a typing error", low=0, high=settings.clean.max_price),
    ]
