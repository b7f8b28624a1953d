"""Suite of `user_activity`: windows contain each other, and nothing is more recent than the run date."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import ascending, at_most, in_range
from jobs.core.config.model import Settings

NESTED = "a longer window contains the shorter one; else the rolling state has lost or repeated a day"
NO_DOUBLE = "a window has no more days than its length; late events may count a day twice"


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user who is not at rest."""
    decay = settings.features.user_half_life_days
    return [
        *_recency(),
        *ascending(("n_events_1d", "n_events_7d", "n_events_28d", "n_events_90d", "n_events"), NESTED),
        *ascending(("n_intents_7d", "n_intents_28d", "n_intents_90d", "n_events_90d"), NESTED),
        *ascending(("n_sessions_7d", "n_sessions_28d", "n_sessions_90d"), NESTED),
        *ascending(
            ("n_active_days_7d", "n_active_days_28d", "n_active_days_90d", "n_active_days", "n_events"), NESTED
        ),
        at_most("n_sessions_90d", "n_events_90d", "a visit has at least one event"),
        in_range("n_events", "a known user had an event", low=1),
        in_range("n_events_1d", "events are counted", low=0),
        in_range("n_intents_7d", "events are counted", low=0),
        in_range("n_sessions_7d", "visits are counted", low=0),
        in_range("n_active_days_7d", NO_DOUBLE, low=0, high=7, severity="warning"),
        in_range("n_active_days_28d", NO_DOUBLE, low=0, high=28, severity="warning"),
        in_range("n_active_days_90d", NO_DOUBLE, low=0, high=90, severity="warning"),
        in_range("n_purchases", "refunds without purchases: the log begins too late", low=0, severity="warning"),
        in_range("activity", f"a decayed count, halved every {decay} days, is not negative", low=0),
        in_range("trend", "the mean of 7 days is at most 4 times that of the 28 around them", low=0, high=4),
        in_range("mean_gap_days", "a pause ends on a later day", low=1),
        in_range("gap_deviation_days", "a deviation is not negative", low=0),
        in_range("typical_price", "above clean.max_price it is a typing error", low=0, high=settings.clean.max_price),
        in_range("price_spread", "a deviation is not negative", low=0),
        in_range("n_long_gaps", "pauses are counted", low=0),
        at_most("n_long_gaps", "n_events", "a pause ends with an event"),
        in_range("mean_log_revenue", "a day that brings less than nothing counts as nothing", low=0),
        in_range("mean_hour", "a day has 24 hours", low=0, high=23),
        in_range("weekday_entropy", "seven days alike have ln 7", low=0, high=1.9460),
        in_range("hours_length", "a day has 24 hours", low=24, high=24),
        in_range("weekdays_length", "a week has 7 days", low=7, high=7),
    ]


def _recency() -> list[Expectation]:
    after = "days since something are not negative: nothing later than the run date is known"
    return [
        in_range("days_since_event", after, low=0),
        at_most("days_since_event", "tenure_days", "the last event is not before the first one"),
        at_most("days_since_event", "days_since_intent", "an intent is an event, so the last event is no older"),
        at_most("days_since_intent", "tenure_days", "the last intent is not before the first event"),
    ]
