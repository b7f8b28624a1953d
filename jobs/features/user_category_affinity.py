"""User-category affinity: the categories a user wants most, by what the user wants of their items."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.meaning import FeatureSettings
from jobs.core.table import Column
from jobs.features.decay import SCALE, decayed_to
from jobs.features.spec import FeatureView

SPEC = FeatureView(
    name="user_category_affinity",
    doc="One row per known user with a positive affinity to a category, as of the end of the run date.",
    entity="user",
    ttl=timedelta(days=400),
    features=(
        Column("n_categories", "long", "categories with a positive affinity"),
        Column("categories", "array<string>", "at most features.affinity_categories, most wanted first"),
        Column("affinities", "array<double>", "sums of the user's item affinities in each, disliked items negative"),
    ),
)


def build(state: DataFrame, profiles: DataFrame, settings: FeatureSettings) -> DataFrame:
    """Categories from the rolled pairs and the catalogue, both as of the end of each run date.

    An item that changes its category takes the user's past wish for it along. Without a catalogue, nobody has a row.

    Parameters
    ----------
    state
        Rows of `user_item_state` with their `run_date`; pairs at rest do not count.
    profiles
        Rows of `item_profiles` with their `run_date`; items without a category do not count.
    settings
        Give the half-life and the longest list.

    Returns
    -------
    DataFrame
        One row per user with a positive affinity and `run_date`: the view's features.
    """
    placed = profiles.filter("category IS NOT NULL").select("run_date", "item_id", "category")
    affinity = decayed_to("affinity", "affinity_day", "run_date", settings.affinity_half_life_days)
    # Sums of whole millionths do not depend on the order of rows.
    wanted = state.selectExpr(
        "run_date", "user_id", "item_id", f"CAST(round({affinity} * 1e{SCALE}) AS bigint) AS millionths"
    )
    by_category = (
        wanted.join(placed, on=["run_date", "item_id"], how="inner")
        .groupBy("run_date", "user_id", "category")
        .agg(F.expr("-sum(millionths) AS minus"))
        .filter("minus < 0")
    )
    ranked = F.expr("sort_array(collect_list(struct(minus, category))) AS ranked")
    best = f"slice(ranked, 1, {settings.affinity_categories})"
    return (
        by_category.groupBy("run_date", "user_id")
        .agg(ranked)
        .selectExpr(
            "run_date",
            "user_id",
            "CAST(size(ranked) AS bigint) AS n_categories",
            f"transform({best}, place -> place.category) AS categories",
            f"transform({best}, place -> -place.minus / 1e{SCALE}) AS affinities",
        )
    )
