"""User status: who opted out, opted in again, or asked to be deleted."""

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

STATUS_OF = {"opt_out": "opted_out", "opt_in": "active", "deletion_request": "deleted"}


def build_user_status(before: DataFrame, events: DataFrame, first: date, last: date) -> DataFrame:
    """Status at the end of every day from `first` to `last`.

    Parameters
    ----------
    before
        `user_status` at the end of the day before `first`.
    events
        Events that arrived in the range.
    first, last
        Both included.

    Returns
    -------
    DataFrame
        One row per run_date and user who ever set a status. The latest event by its own time counts,
        but a deletion request is never taken back.
    """
    pairs = [F.lit(text) for pair in sorted(STATUS_OF.items()) for text in pair]
    told = events.filter(F.col("event_type").isin(*STATUS_OF) & F.col("user_id").isNotNull()).select(
        "run_date",
        "user_id",
        F.create_map(*pairs)[F.col("event_type")].alias("status"),
        F.col("event_time").alias("since"),
    )
    known = before.select(F.lit(first).alias("run_date"), "user_id", "status", "since")
    is_deleted = F.col("status") == "deleted"
    per_day = (
        known.unionByName(told)
        .groupBy("user_id", "run_date")
        .agg(
            # Struct comparison: deletion first, then the later time; of two deletions the first one stands.
            F.max(F.struct(is_deleted.alias("deleted"), "since", "status")).alias("latest"),
            F.min(F.when(is_deleted, F.col("since"))).alias("deleted_since"),
        )
    )
    so_far = Window.partitionBy("user_id").orderBy("run_date")
    by_day = per_day.select(
        "user_id",
        F.col("run_date").alias("from_day"),
        F.lead("run_date").over(so_far).alias("next_day"),
        F.max("latest").over(so_far).alias("latest"),
        F.min("deleted_since").over(so_far).alias("deleted_since"),
    )
    until = F.coalesce(F.date_sub("next_day", 1), F.lit(last))
    return by_day.select(
        F.explode(F.sequence("from_day", until)).alias("run_date"),
        "user_id",
        F.col("latest.status").alias("status"),
        F.coalesce("deleted_since", "latest.since").alias("since"),
    )
