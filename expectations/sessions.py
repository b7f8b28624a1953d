"""Suite of `sessions`: a visit is a stretch of time with at least one event."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per visit with an event that arrived on the day."""
    gap = settings.clean.session_gap_minutes
    return [
        at_most("started_at", "ended_at", f"a visit ends with its last event before {gap} quiet minutes"),
        in_range("n_events", "a visit without an event on the day has no row", low=1),
    ]
