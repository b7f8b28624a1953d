"""User activity: how often, how much, how recently and when a user was there, and at what prices."""

from datetime import timedelta

from pyspark.sql import DataFrame

from jobs.core.config.meaning import FeatureSettings
from jobs.core.state_schemas import USER_REST, USER_STATE
from jobs.core.table import Column
from jobs.features.decay import decayed_to
from jobs.features.measures import (
    Decayed,
    Earliest,
    Gaps,
    Histogram,
    LastArrival,
    Latest,
    LongGaps,
    Measure,
    Newest,
    Total,
    Window,
)
from jobs.features.rolling_state import RollingState
from jobs.features.spec import FeatureView
from jobs.features.trend import trend

# Below it, what was wanted lies so far back that the sums hold little but their rounding.
_WANTED = "IF(wanted >= 0.01D, wanted, NULL)"

SPEC = FeatureView(
    name="user_activity",
    doc="One row per known user who is not at rest: activity as of the end of the run date.",
    entity="user",
    ttl=timedelta(days=400),
    features=(
        Column("tenure_days", "long", "days since the first event; 0 on the first day"),
        Column("days_since_event", "long", "days since the last event; 0 is the run date"),
        Column("days_since_intent", "long", "days since the last intent event", nullable=True),
        Column("n_events", "long", "events, all time"),
        Column("n_events_1d", "long", "events that arrived on the run date"),
        Column("n_events_7d", "long", "events of the 7 days that end with the run date"),
        Column("n_events_28d", "long", "events of the 28 days that end with the run date"),
        Column("n_events_90d", "long", "events of the 90 days that end with the run date"),
        Column("n_intents_7d", "long", "intent events of the 7 days that end with the run date"),
        Column("n_intents_28d", "long", "intent events of the 28 days that end with the run date"),
        Column("n_intents_90d", "long", "intent events of the 90 days that end with the run date"),
        Column("n_sessions_7d", "long", "visits that began in the 7 days that end with the run date"),
        Column("n_sessions_28d", "long", "visits that began in the 28 days that end with the run date"),
        Column("n_sessions_90d", "long", "visits that began in the 90 days that end with the run date"),
        Column("n_active_days", "long", "days with an event that came in time, all time"),
        Column("n_active_days_7d", "long", "days with an event among the last 7"),
        Column("n_active_days_28d", "long", "days with an event among the last 28"),
        Column("n_active_days_90d", "long", "days with an event among the last 90"),
        Column("n_purchases", "long", "purchases less refunds and cancellations, all time"),
        Column("n_purchases_1d", "long", "purchases less refunds and cancellations that arrived on the run date"),
        Column("n_purchases_7d", "long", "purchases less refunds and cancellations of the last 7 days"),
        Column("n_purchases_28d", "long", "purchases less refunds and cancellations of the last 28 days"),
        Column("n_purchases_90d", "long", "purchases less refunds and cancellations of the last 90 days"),
        Column("revenue", "double", "price times quantity less refunds, all time, in the log's currency"),
        Column("revenue_1d", "double", "the same, what arrived on the run date"),
        Column("revenue_7d", "double", "the same of the last 7 days"),
        Column("revenue_28d", "double", "the same of the last 28 days"),
        Column("revenue_90d", "double", "the same of the last 90 days"),
        Column("decayed_revenue", "double", "revenue decayed with features.user_half_life_days"),
        Column("activity", "double", "events decayed with features.user_half_life_days"),
        Column("trend", "double", "events a day of the last 7 days over those of the last 28; 1 is steady"),
        Column("mean_gap_days", "double", "days from one active day to the next on average", nullable=True),
        Column("gap_deviation_days", "double", "standard deviation of these pauses, days", nullable=True),
        Column("typical_price", "double", "weighted geometric mean price of what was wanted", nullable=True),
        Column("price_spread", "double", "standard deviation of ln(price) of what was wanted", nullable=True),
        Column("n_long_gaps", "long", "pauses between days with an event of 7 days and more"),
        Column("mean_log_revenue", "double", "mean of ln(1 + revenue) of days with an event; of returns alone 0"),
        Column(
            "wanted_popularity",
            "double",
            "mean ln(events of what was wanted in 28 days, over what is usual) as it was then; 0 is usual",
            nullable=True,
        ),
        Column("mean_hour", "double", "mean local hour of events, all time"),
        Column("weekday_entropy", "double", "of events over weekdays, all time, nats: 0 is one day, 1.95 all alike"),
        Column("hours", "array<long>", "events by local hour of the app, 24 counts from midnight on, all time"),
        Column("weekdays", "array<long>", "events by local weekday, 7 counts from Monday on, all time"),
        Column("country", "string", "last known country", nullable=True),
        Column("platform", "string", "last known platform", nullable=True),
    ),
)


# Sums of ln(price) have four decimals: a variance below so much over their weight may be of their rounding alone.
_ROUNDED = "0.0005D"


def _windows(of: str, *lengths: int, sql: str = "") -> tuple[Measure, ...]:
    return tuple(Window(f"{of}_{days}d", of=sql or of, days=days) for days in lengths)


def _decayed(column: str, half_life: str, of: str = "") -> Decayed:
    return Decayed(column, of=of or column, as_of="activity_day", half_life=half_life)


_LAST_PLACE = ("event_day", "last_event_time")
_CAME_IN_TIME = "CAST(event_day = run_date AS bigint)"
# A week: shorter pauses are of one errand, longer ones of one that ended.
_LONG_GAP_DAYS = 7
# A decimal, so that sums do not depend on the order of days. What returns bring is nothing, not less.
_LOG_REVENUE = "CAST(round(ln(1 + greatest(CAST(revenue AS double), 0D)), 4) AS decimal(18,4))"
# weekday() is 0 on Monday.
_WEEKDAYS = f"array({', '.join(f'IF(weekday(event_day) = {day}, n_events, 0L)' for day in range(7))})"

ROLLING = RollingState(
    table=USER_STATE,
    rest_table=USER_REST,
    measures=(
        Earliest("first_day", of="event_day"),
        Newest("last_day", of="event_day"),
        Newest("last_intent_day", of="IF(n_intents > 0, event_day, NULL)"),
        Total("n_events"),
        LastArrival("n_events_last", of="n_events"),
        *_windows("n_events", 7, 28, 90),
        *_windows("n_intents", 7, 28, 90),
        *_windows("n_sessions", 7, 28, 90),
        Total("n_active_days", of=_CAME_IN_TIME),
        *_windows("n_active_days", 7, 28, 90, sql=_CAME_IN_TIME),
        Total("n_purchases"),
        LastArrival("n_purchases_last", of="n_purchases"),
        *_windows("n_purchases", 7, 28, 90),
        Total("revenue"),
        LastArrival("revenue_last", of="revenue"),
        *_windows("revenue", 7, 28, 90),
        _decayed("activity", "features.user_half_life_days", of="n_events"),
        _decayed("decayed_revenue", "features.user_half_life_days", of="revenue"),
        _decayed("wanted", "features.affinity_half_life_days"),
        _decayed("wanted_log_price", "features.affinity_half_life_days"),
        _decayed("wanted_log_price_squared", "features.affinity_half_life_days"),
        Gaps("n_gaps", "gap_days", "gap_days_squared", of="event_day", newest="last_day"),
        LongGaps("n_long_gaps", of="event_day", newest="last_day", least_days=_LONG_GAP_DAYS),
        Total("n_days", of="1L"),
        Total("log_revenue", of=_LOG_REVENUE),
        Total("n_wanted_items"),
        Total("log_popularity"),
        Histogram("hours", of="hours", size=24),
        Histogram("weekdays", of=_WEEKDAYS, size=7),
        Latest("country", order=_LAST_PLACE),
        Latest("platform", order=_LAST_PLACE),
    ),
    # A model may learn from, and score, whoever has a row: nobody whom it needs may rest.
    rest_after=("activity.days", "churn.at_risk_days"),
)


def build(state: DataFrame, settings: FeatureSettings) -> DataFrame:
    """Features from the rolled state.

    Parameters
    ----------
    state
        Rows of `user_state` with their `run_date`; nothing else is read.
    settings
        Gives the half-life.

    Returns
    -------
    DataFrame
        One row per known user who is not at rest and `run_date`: the view's features.
    """
    half_life = settings.user_half_life_days
    derived = {
        "tenure_days": "datediff(run_date, first_day)",
        "days_since_event": "datediff(run_date, last_day)",
        "days_since_intent": "datediff(run_date, last_intent_day)",
        **{f"{name}_1d": _today(f"{name}_last") for name in ("n_events", "n_purchases", "revenue")},
        "decayed_revenue": f"round({decayed_to('decayed_revenue', 'activity_day', 'run_date', half_life)}, 4)",
        "activity": decayed_to("activity", "activity_day", "run_date", half_life),
        "trend": trend("n_events_7d", "n_events_28d"),
        "mean_gap_days": "round(gap_days / nullif(n_gaps, 0), 4)",
        "gap_deviation_days": _deviation("gap_days_squared", "gap_days", "nullif(n_gaps, 0)"),
        "typical_price": f"round(exp(wanted_log_price / {_WANTED}), 4)",
        "price_spread": _deviation(
            "wanted_log_price_squared", "wanted_log_price", _WANTED, f"{_ROUNDED} / {_WANTED}"
        ),
        "mean_log_revenue": "round(CAST(log_revenue AS double) / nullif(n_days, 0), 4)",
        "wanted_popularity": "round(CAST(log_popularity AS double) / nullif(n_wanted_items, 0), 4)",
        "mean_hour": _MEAN_HOUR,
        "weekday_entropy": _WEEKDAY_ENTROPY,
    }
    features = [f"{derived.get(column.name, column.name)} AS {column.name}" for column in SPEC.features]
    return state.selectExpr("run_date", "user_id", *features)


def _summed(counts: str) -> str:
    return f"aggregate({counts}, 0L, (total, one) -> total + one)"


_MEAN_HOUR = f"round({_summed('transform(hours, (n, hour) -> n * hour)')} / nullif({_summed('hours')}, 0), 4)"
_PARTS = "aggregate(weekdays, 0D, (total, n) -> total + IF(n > 0, n * ln(n), 0D))"
# The absolute value, since rounding may bring an entropy of none a little below zero.
_WEEKDAY_ENTROPY = f"abs(round(ln({_summed('weekdays')}) - {_PARTS} / nullif({_summed('weekdays')}, 0), 4))"


def _today(last: str) -> str:
    return f"IF(activity_day = run_date, {last}, 0)"


def _deviation(squares: str, total: str, weight: str, least: str = "0D") -> str:
    """SQL for a standard deviation from sums; null where the weight is null, 0 for a variance below `least`."""
    variance = f"({squares} / {weight} - power({total} / {weight}, 2))"
    # Rounding may bring a variance of none a little below zero.
    return f"round(sqrt(IF({variance} < {least}, 0D, {variance})), 4)"
