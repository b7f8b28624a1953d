"""User-item affinity: the items a user wants most, by decayed weight of own events."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.state_schemas import USER_ITEM_REST, USER_ITEM_STATE
from jobs.core.table import Column
from jobs.features.decay import decayed_to
from jobs.features.measures import Decayed, Earliest, Newest, Total
from jobs.features.rolling_state import RollingState
from jobs.features.spec import FeatureView

SPEC = FeatureView(
    name="user_item_affinity",
    doc="One row per known user with a positive affinity: the items wanted most as of the end of the run date.",
    entity="user",
    ttl=timedelta(days=400),
    features=(
        Column("n_items", "long", "items with a positive affinity, those at rest (features.pair_days) left out"),
        Column("items", "array<string>", "at most features.affinity_items ids, most wanted first"),
        Column(
            "affinities",
            "array<double>",
            "sum of events.weights decayed with features.affinity_half_life_days",
        ),
    ),
)

ROLLING = RollingState(
    table=USER_ITEM_STATE,
    rest_table=USER_ITEM_REST,
    measures=(
        Earliest("first_day", of="event_day"),
        Newest("last_day", of="event_day"),
        Total("n_events"),
        Total("n_purchases"),
        Total("weight"),
        Decayed("affinity", of="weight", as_of="affinity_day", half_life="features.affinity_half_life_days"),
    ),
    rest_after=("features.pair_days",),
)


def build(state: DataFrame, half_life_days: int, n_items: int) -> DataFrame:
    """Features from the rolled state.

    Parameters
    ----------
    state
        Rows of `user_item_state` with their `run_date`; nothing else is read.
    half_life_days
        The setting features.affinity_half_life_days.
    n_items
        Longest list.

    Returns
    -------
    DataFrame
        One row per user with a positive affinity and `run_date`: the view's features.
    """
    affinity = decayed_to("affinity", "affinity_day", "run_date", half_life_days)
    wanted = state.selectExpr("run_date", "user_id", "item_id", f"-{affinity} AS minus").filter("minus < 0")
    # The best first; among equals the smaller item id, so that the list never depends on the order of rows.
    ranked = F.expr("sort_array(collect_list(struct(minus, item_id))) AS pairs")
    return (
        wanted.groupBy("run_date", "user_id")
        .agg(ranked)
        .selectExpr(
            "run_date",
            "user_id",
            "CAST(size(pairs) AS bigint) AS n_items",
            f"transform(slice(pairs, 1, {n_items}), pair -> pair.item_id) AS items",
            f"transform(slice(pairs, 1, {n_items}), pair -> -pair.minus) AS affinities",
        )
    )
