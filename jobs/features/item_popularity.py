"""Item popularity: how wanted an item is, decayed, whether that rises or falls, and where in its life it stands."""

from datetime import timedelta

from pyspark.sql import DataFrame

from jobs.core.config.meaning import FeatureSettings
from jobs.core.state_schemas import ITEM_REST, ITEM_STATE
from jobs.core.table import Column
from jobs.features.decay import decayed_to
from jobs.features.measures import Decayed, Earliest, LastArrival, Latest, Measure, Newest, Total, Window
from jobs.features.rolling_state import RollingState
from jobs.features.spec import FeatureView
from jobs.features.trend import life_cycle, trend

SPEC = FeatureView(
    name="item_popularity",
    doc="One row per item that is not at rest: popularity as of the end of the run date.",
    entity="item",
    ttl=timedelta(days=400),
    features=(
        Column("age_days", "long", "days since its first event arrived; 0 on the first day"),
        Column("days_since_event", "long", "days since its last event arrived; 0 is the run date"),
        Column("n_events_1d", "long", "events that arrived on the run date"),
        Column("n_events_7d", "long", "events of the 7 days that end with the run date"),
        Column("n_events_28d", "long", "events of the 28 days that end with the run date"),
        Column("n_events_90d", "long", "events of the 90 days that end with the run date"),
        Column("n_purchases_1d", "long", "purchases less refunds and cancellations that arrived on the run date"),
        Column("n_purchases_7d", "long", "purchases less refunds and cancellations of the last 7 days"),
        Column("n_purchases_28d", "long", "purchases less refunds and cancellations of the last 28 days"),
        Column("n_purchases_90d", "long", "purchases less refunds and cancellations of the last 90 days"),
        Column("revenue_7d", "double", "price times quantity less refunds of the last 7 days"),
        Column("revenue_28d", "double", "the same of the last 28 days"),
        Column("revenue_90d", "double", "the same of the last 90 days"),
        Column("popularity", "double", "sum of events.weights decayed with features.item_half_life_days"),
        Column("trend", "double", "events a day of the last 7 days over those of the last 28; 1 is steady"),
        Column("life_cycle", "string", "new, rising, steady, fading or resting; see features/trend.py"),
        Column("price", "double", "last price seen, in the log's currency", nullable=True),
    ),
)


def _windows(of: str) -> tuple[Measure, ...]:
    return tuple(Window(f"{of}_{days}d", of=of, days=days) for days in (7, 28, 90))


ROLLING = RollingState(
    table=ITEM_STATE,
    rest_table=ITEM_REST,
    measures=(
        Earliest("first_day", of="run_date"),
        Newest("last_day", of="run_date"),
        Total("n_events"),
        LastArrival("n_events_last", of="n_events"),
        *_windows("n_events"),
        Total("n_purchases"),
        LastArrival("n_purchases_last", of="n_purchases"),
        *_windows("n_purchases"),
        *_windows("revenue"),
        Decayed("popularity", of="weight", as_of="popularity_day", half_life="features.item_half_life_days"),
        Latest("price"),
    ),
    rest_after=("lists.available_days",),
)


def build(state: DataFrame, settings: FeatureSettings) -> DataFrame:
    """Features from the rolled state.

    Parameters
    ----------
    state
        Rows of `item_state` with their `run_date`; nothing else is read.
    settings
        Give the half-life and the limits of the life cycle.

    Returns
    -------
    DataFrame
        One row per item that is not at rest and `run_date`: the view's features.
    """
    age = "datediff(run_date, first_day)"
    derived = {
        "age_days": age,
        "days_since_event": "datediff(run_date, last_day)",
        "n_events_1d": "IF(last_day = run_date, n_events_last, 0)",
        "n_purchases_1d": "IF(last_day = run_date, n_purchases_last, 0)",
        "popularity": decayed_to("popularity", "popularity_day", "run_date", settings.item_half_life_days),
        "trend": trend("n_events_7d", "n_events_28d"),
        "life_cycle": life_cycle(age, "n_events_7d", "n_events_28d", settings),
    }
    features = [f"{derived.get(column.name, column.name)} AS {column.name}" for column in SPEC.features]
    return state.selectExpr("run_date", "item_id", *features)
