"""Suite of `raw_events`: the log as it came, so that almost anything may stand in it."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled, in_set
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per row of the log."""
    return [
        filled("raw", "a reader that yields empty rows has lost what stood in them", "warning"),
        in_set("source", settings.sources, f"each row names the log of {settings.app} that it came from"),
    ]
