"""Suite of `purchases`: what a refund may take back."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per purchase."""
    return [in_range("quantity", "a purchase of no piece has nothing to give back", low=1)]
