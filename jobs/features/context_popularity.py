"""Popularity within a context (country, platform): no feature view, the base of the context lists."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from jobs.core.state_schemas import CONTEXT_ITEM_REST, CONTEXT_ITEM_STATE
from jobs.features.measures import Decayed, Newest
from jobs.features.rolling_state import RollingState

ROLLING = RollingState(
    table=CONTEXT_ITEM_STATE,
    rest_table=CONTEXT_ITEM_REST,
    measures=(
        Newest("last_day", of="run_date"),
        Decayed("popularity", of="weight", as_of="popularity_day", half_life="features.item_half_life_days"),
    ),
    rest_after=("lists.available_days",),
)


def contexts(country: Expression, platform: Expression) -> Expression:
    """Array of the context keys that an event counts in; a missing part is ``*``, the daypart always is."""
    known_country = F.coalesce(F.nullif(country, F.lit("")), F.lit("*"))
    known_platform = F.coalesce(F.nullif(platform, F.lit("")), F.lit("*"))
    keys = F.array(
        F.concat_ws("|", known_country, known_platform, F.lit("*")),
        F.concat_ws("|", known_country, F.lit("*"), F.lit("*")),
        F.concat_ws("|", F.lit("*"), known_platform, F.lit("*")),
    )
    return F.filter(F.array_distinct(keys), lambda key: key != F.lit("*|*|*"))
