"""Suite of `open_visits`: what the next night may go on with."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per visitor whose visit may go on."""
    gap = settings.clean.session_gap_minutes
    return [
        at_most("started_at", "ended_at", f"a visit is a stretch of time, without {gap} quiet minutes in it"),
        filled("session_id", "tomorrow's events take it over"),
    ]
