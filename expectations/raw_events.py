"""Suite of `raw_events`: the log as it came, so that almost anything may stand in it."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per row of the log."""
    return [
        filled("raw", "a reader that yields empty rows has lost what stood in them", "warning"),
        filled("source", f"each row names its log; the log of {settings.app} is {settings.log.name}"),
    ]
