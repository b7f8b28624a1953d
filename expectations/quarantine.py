"""Suite of `quarantine`: every refused row says why."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per refused raw row."""
    return [
        filled("reason", "a row that was refused without a reason cannot be mended"),
        filled("source", f"each row names its log; the log of {settings.app} is {settings.log.name}"),
    ]
