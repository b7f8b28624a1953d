"""User activity: how often, how much and how recently a user was there."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

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
        Column("n_active_days", "long", "days with an event, all time"),
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
    today = F.col("run_date")
    age = F.datediff(today, F.col("first_day"))
    gaps = F.datediff(F.col("last_day"), F.col("first_day")) / F.nullif(F.col("n_active_days") - 1, F.lit(0))
    return state.select(
        today,
        "user_id",
        age.alias("tenure_days"),
        F.datediff(today, F.col("last_day")).alias("days_since_event"),
        F.datediff(today, F.col("last_intent_day")).alias("days_since_intent"),
        "n_events",
        "n_events_7d",
        "n_events_28d",
        "n_events_90d",
        "n_intents_7d",
        "n_intents_28d",
        "n_intents_90d",
        "n_sessions_28d",
        "n_active_days",
        "n_active_days_28d",
        "n_active_days_90d",
        "n_purchases",
        "n_purchases_90d",
        "revenue",
        "revenue_90d",
        decayed_to(F.col("activity"), F.col("activity_day"), today, half_life_days).alias("activity"),
        F.round(gaps, 4).alias("mean_gap_days"),
        "country",
        "platform",
    )
