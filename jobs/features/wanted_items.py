"""What users wanted on a day, and how much of late everybody did: columns beside those of `user_daily`."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_DAY = ["run_date", "user_id", "event_day"]
# A decimal, so that sums do not depend on the order of rows.
_LOG_POPULARITY = "CAST(round(ln(1 + n_events_28d), 4) AS decimal(18,4))"


def with_wanted_items(daily: DataFrame, pairs: DataFrame, items: DataFrame) -> DataFrame:
    """Add the items that a user wanted, as popular as they were when the day ended on which the events arrived.

    Nothing later is read: an item that becomes common afterwards was rare when it was wanted.

    Parameters
    ----------
    daily
        Rows of `user_daily` with their `run_date`.
    pairs
        Rows of `user_item_daily` with their `run_date`; a weight above 0 is a wish. Days without any add nothing.
    items
        Rows of `item_state` with their `run_date`, of the days of `pairs`.

    Returns
    -------
    DataFrame
        The rows of `daily` with `n_wanted_items` (each item once a day) and `log_popularity`, the sum over these
        items of ln(1 + events in the 28 days that end with the run date); both null where nothing was wanted.
    """
    popular = items.selectExpr("run_date", "item_id", f"{_LOG_POPULARITY} AS log_popularity")
    wanted = (
        pairs.filter("weight > 0")
        .join(popular, on=["run_date", "item_id"], how="inner")
        .groupBy(*_DAY)
        .agg(F.expr("count(*) AS n_wanted_items"), F.expr("sum(log_popularity) AS log_popularity"))
    )
    return daily.join(wanted, on=_DAY, how="left").select(*daily.columns, "n_wanted_items", "log_popularity")
