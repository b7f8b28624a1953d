"""Suite of `quarantine`: every refused row says why."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled, in_set
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per refused raw row."""
    return [
        filled("reason", "a row that was refused without a reason cannot be mended"),
        in_set("source", settings.sources, f"each row names the log of {settings.app} that it came from"),
    ]
