"""Suite of `item_popularity`: windows contain each other, and trends stay within what windows allow."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import ascending, at_most, in_range, in_set
from jobs.core.config.model import Settings
from jobs.features.trend import STAGES

MAX_TREND = 4  # all events of 28 days in the last 7 of them: (n / 7) / (n / 28)


NESTED = "a longer window contains the shorter one; else the state has lost or repeated a day"


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per item that is not at rest."""
    return [
        in_range("days_since_event", "nothing later than the run date is known", low=0),
        at_most("days_since_event", "age_days", "the last event is not before the first one"),
        in_range("n_events_1d", "events are counted", low=0),
        *ascending(("n_events_1d", "n_events_7d", "n_events_28d", "n_events_90d"), NESTED),
        in_range(
            "trend",
            "the mean of 7 days is at most 4 times that of the 28 around them",
            low=0,
            high=MAX_TREND,
        ),
        in_set("life_cycle", STAGES, "a stage that no rule gives"),
        in_range("price", "above clean.max_price it is a typing error", low=0, high=settings.clean.max_price),
    ]
