"""User activity: how often, how much and how recently a user was there."""

from datetime import timedelta

from pyspark.sql import DataFrame

from jobs.core.schemas import USER_STATE
from jobs.core.table import Column
from jobs.features.decay import decayed_to
from jobs.features.rolling import Decayed, Earliest, Latest, Newest, RollingState, Total, Window
from jobs.features.spec import FeatureView

SPEC = FeatureView(
    name="user_activity",
    doc="One row per known user: activity as of the end of the run date.",
    entity="user",
    ttl=timedelta(days=400),
    features=(
        Column("tenure_days", "long", "days since the first event; 0 on the first day"),
        Column("days_since_event", "long", "days since the last event; 0 is the run date"),
        Column("days_since_intent", "long", "days since the last intent event", nullable=True),
        Column("n_events", "long", "events, all time"),
        Column("n_events_7d", "long", "events of the 7 days that end with the run date"),
        Column("n_events_28d", "long", "events of the 28 days that end with the run date"),
        Column("n_events_90d", "long", "events of the 90 days that end with the run date"),
        Column("n_intents_7d", "long", "intent events of the 7 days that end with the run date"),
        Column("n_intents_28d", "long", "intent events of the 28 days that end with the run date"),
        Column("n_intents_90d", "long", "intent events of the 90 days that end with the run date"),
        Column("n_sessions_28d", "long", "visits of the 28 days that end with the run date"),
        Column("n_active_days", "long", "days with an event that came in time, all time"),
        Column("n_active_days_28d", "long", "days with an event among the last 28"),
        Column("n_active_days_90d", "long", "days with an event among the last 90"),
        Column("n_purchases", "long", "purchases less refunds and cancellations, all time"),
        Column("n_purchases_90d", "long", "purchases less refunds and cancellations of the last 90 days"),
        Column("revenue", "double", "price times quantity less refunds, all time, in the log's currency"),
        Column("revenue_90d", "double", "the same of the last 90 days"),
        Column("activity", "double", "events decayed with features.user_half_life_days"),
        Column("mean_gap_days", "double", "days between two active days on average", nullable=True),
        Column("country", "string", "last known country", nullable=True),
        Column("platform", "string", "last known platform", nullable=True),
    ),
)

ROLLING = RollingState(
    table=USER_STATE,
    measures=(
        Earliest("first_day", of="first_day"),
        Newest("last_day", of="event_day"),
        Newest("last_intent_day", of="intent_day"),
        Total("n_events"),
        Window("n_events_7d", of="n_events", days=7),
        Window("n_events_28d", of="n_events", days=28),
        Window("n_events_90d", of="n_events", days=90),
        Window("n_intents_7d", of="n_intents", days=7),
        Window("n_intents_28d", of="n_intents", days=28),
        Window("n_intents_90d", of="n_intents", days=90),
        Window("n_sessions_28d", of="n_sessions", days=28),
        Total("n_active_days"),
        Window("n_active_days_28d", of="n_active_days", days=28),
        Window("n_active_days_90d", of="n_active_days", days=90),
        Total("n_purchases"),
        Window("n_purchases_90d", of="n_purchases", days=90),
        Total("revenue"),
        Window("revenue_90d", of="revenue", days=90),
        Decayed("activity", of="n_events", as_of="activity_day", half_life="features.user_half_life_days"),
        Latest("country"),
        Latest("platform"),
    ),
)


def build(state: DataFrame, half_life_days: int) -> DataFrame:
    """Features from the rolled state.

    Parameters
    ----------
    state
        Rows of `user_state` with their `run_date`; nothing else is read.
    half_life_days
        The setting features.user_half_life_days.

    Returns
    -------
    DataFrame
        One row per known user and `run_date`: the view's features.
    """
    names = [column.name for column in SPEC.features]
    derived = {
        "tenure_days": "datediff(run_date, first_day)",
        "days_since_event": "datediff(run_date, last_day)",
        "days_since_intent": "datediff(run_date, last_intent_day)",
        "activity": decayed_to("activity", "activity_day", "run_date", half_life_days),
        "mean_gap_days": "round(datediff(last_day, first_day) / nullif(n_active_days - 1, 0), 4)",
    }
    features = [f"{derived.get(name, name)} AS {name}" for name in names]
    return state.selectExpr("run_date", "user_id", *features)
