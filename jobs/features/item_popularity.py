"""Item popularity: how wanted an item is, decayed, and whether that rises or falls."""

from datetime import timedelta

from pyspark.sql import DataFrame

from jobs.core.schemas import ITEM_STATE
from jobs.core.table import Column
from jobs.features.decay import decayed_to
from jobs.features.rolling import Decayed, Earliest, Latest, Newest, RollingState, Total, Window
from jobs.features.spec import FeatureView

SPEC = FeatureView(
    name="item_popularity",
    doc="One row per item that ever had an event: popularity as of the end of the run date.",
    entity="item",
    ttl=timedelta(days=400),
    features=(
        Column("age_days", "long", "days since its first event arrived; 0 on the first day"),
        Column("days_since_event", "long", "days since its last event arrived; 0 is the run date"),
        Column("n_events_7d", "long", "events of the 7 days that end with the run date"),
        Column("n_events_28d", "long", "events of the 28 days that end with the run date"),
        Column("n_purchases_7d", "long", "purchases less refunds and cancellations of the last 7 days"),
        Column("n_purchases_28d", "long", "purchases less refunds and cancellations of the last 28 days"),
        Column("popularity", "double", "sum of events.weights decayed with features.item_half_life_days"),
        Column("trend", "double", "events a day of the last 7 days over those of the last 28; 1 is steady"),
        Column("price", "double", "last price seen, in the log's currency", nullable=True),
    ),
)

ROLLING = RollingState(
    table=ITEM_STATE,
    measures=(
        Earliest("first_day", of="run_date"),
        Newest("last_day", of="run_date"),
        Total("n_events"),
        Window("n_events_7d", of="n_events", days=7),
        Window("n_events_28d", of="n_events", days=28),
        Total("n_purchases"),
        Window("n_purchases_7d", of="n_purchases", days=7),
        Window("n_purchases_28d", of="n_purchases", days=28),
        Decayed("popularity", of="weight", as_of="popularity_day", half_life="features.item_half_life_days"),
        Latest("price"),
    ),
)


def build(state: DataFrame, half_life_days: int) -> DataFrame:
    """Features from the rolled state.

    Parameters
    ----------
    state
        Rows of `item_state` with their `run_date`; nothing else is read.
    half_life_days
        The setting features.item_half_life_days.

    Returns
    -------
    DataFrame
        One row per item and `run_date`: the view's features.
    """
    return state.selectExpr(
        "run_date",
        "item_id",
        "datediff(run_date, first_day) AS age_days",
        "datediff(run_date, last_day) AS days_since_event",
        "n_events_7d",
        "n_events_28d",
        "n_purchases_7d",
        "n_purchases_28d",
        f"{decayed_to('popularity', 'popularity_day', 'run_date', half_life_days)} AS popularity",
        "round(coalesce((n_events_7d / 7) / nullif(n_events_28d / 28, 0D), 0D), 4) AS trend",
        "price",
    )
