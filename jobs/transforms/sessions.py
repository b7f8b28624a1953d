"""Sessions: visits of one visitor, split where nothing happened for a while, within a run date."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

_HASH_LENGTH = 16
_VISITOR_IDS = ("user_id", "anonymous_id", "device_id")


def add_session_id(events: DataFrame, gap_minutes: int) -> DataFrame:
    """Add `session_id`: a hash of the visitor and the visit's first second.

    A visitor is the user, else the anonymous id, else the device; equal ids of two kinds are two visitors.
    """
    visitor = F.coalesce(*(F.concat(F.lit(f"{kind}|"), kind) for kind in _VISITOR_IDS))
    by_visitor = Window.partitionBy("run_date", visitor).orderBy("event_time", "event_id")
    pause = F.unix_micros("event_time") - F.unix_micros(F.lag("event_time").over(by_visitor))
    starts = F.when(pause.isNull() | (pause > gap_minutes * 60_000_000), F.col("event_time"))
    marked = events.withColumn("visit_start", starts)
    start = F.last("visit_start", ignorenulls=True).over(by_visitor)
    key = F.concat_ws("|", visitor, F.unix_micros(start))
    return marked.withColumn("session_id", F.substring(F.sha2(key, 256), 1, _HASH_LENGTH)).drop("visit_start")


def build_sessions(events: DataFrame) -> DataFrame:
    """One row per run_date and session: its user, first and last event (UTC), events, distinct items."""
    return events.groupBy("run_date", "session_id").agg(
        F.max("user_id").alias("user_id"),
        F.min("event_time").alias("started_at"),
        F.max("event_time").alias("ended_at"),
        F.count("*").alias("n_events"),
        F.countDistinct("item_id").alias("n_items"),
    )
