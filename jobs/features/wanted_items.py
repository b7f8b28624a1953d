"""What users wanted on a day, and how much of late everybody did: columns beside those of `user_daily`."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_DAY = ["run_date", "user_id", "event_day"]
# A decimal, so that sums do not depend on the order of rows.
_LOG_EVENTS = "CAST(round(ln(1 + n_events_28d), 4) AS decimal(18,4))"


def with_wanted_items(daily: DataFrame, pairs: DataFrame, items: DataFrame) -> DataFrame:
    """Add the items that a user wanted, as popular as they were when the day ended on which the events arrived.

    Nothing later is read: an item that becomes common afterwards was rare when it was wanted. It is held against what
    everybody did in the same days: in a log that is young, or in a strong season, all items would be rare or common.

    Parameters
    ----------
    daily
        Rows of `user_daily` with their `run_date`.
    pairs
        Rows of `user_item_daily` with their `run_date`; a weight above 0 is a wish. Days without any add nothing.
    items
        Rows of `item_state` with their `run_date`, of the days of `pairs`; all of a day tell what is usual on it.

    Returns
    -------
    DataFrame
        The rows of `daily` with `n_wanted_items` (each item once a day) and `log_popularity`, the sum over these
        items of ln(1 + events in the 28 days that end with the run date) less the mean of that over all events of
        these days; both null where nothing was wanted.
    """
    popular = _popularity(items)
    wanted = (
        pairs.filter("weight > 0")
        .join(popular, on=["run_date", "item_id"], how="inner")
        .groupBy(*_DAY)
        .agg(F.expr("count(*) AS n_wanted_items"), F.expr("sum(log_popularity) AS log_popularity"))
    )
    return daily.join(wanted, on=_DAY, how="left").select(*daily.columns, "n_wanted_items", "log_popularity")


def _popularity(items: DataFrame) -> DataFrame:
    """One row per run date and item: `log_popularity`."""
    told = items.selectExpr("run_date", "item_id", "n_events_28d", f"{_LOG_EVENTS} AS log_events")
    total = "CAST(sum(n_events_28d * log_events) AS double)"
    usual = told.groupBy("run_date").agg(F.expr(f"round({total} / nullif(sum(n_events_28d), 0), 4) AS usual"))
    return told.join(F.broadcast(usual), on="run_date", how="inner").selectExpr(
        "run_date", "item_id", "log_events - CAST(coalesce(usual, 0D) AS decimal(18,4)) AS log_popularity"
    )
