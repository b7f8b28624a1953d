"""Suite over the days of `item_daily`: are the items that people use in the catalogue?"""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per run date; without a catalogue there is no share, which passes."""
    return [
        in_range(
            "unknown_share",
            "share of events about items that item_profiles does not name; the catalogue is late or its ids differ",
            high=settings.checks.max_unknown_items_share,
            severity="warning",
        ),
    ]
