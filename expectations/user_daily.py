"""Suite of `user_daily`: counts of one user's day, from which all windows are summed."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, in_range
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per user and local day of event."""
    late = settings.max_late_days
    return [
        at_most("event_day", "run_date", f"events arrive on their day or {late} days later at most"),
        in_range("n_events", "a day without an event has no row", low=1),
        in_range("n_intents", "events are counted", low=0),
        at_most("n_intents", "n_events", "intents are some of the events"),
        *(each for name in ("n_goals", "n_goodbyes") for each in _some_of_the_events(name)),
        at_most("n_sessions", "n_events", "a visit has at least one event"),
        in_range("wanted", "only weights above zero are summed", low=0),
        in_range("hours_length", "a day has 24 hours", low=24, high=24),
    ]


def _some_of_the_events(name: str) -> tuple[Expectation, Expectation]:
    return in_range(name, "events are counted", low=0), at_most(name, "n_events", "they are some of the events")
