"""Daily aggregates: what arrived on a day, per user, item, user and item, context and item."""

from collections.abc import Mapping
from decimal import Decimal

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.model import EventSettings
from jobs.features.context_popularity import contexts
from jobs.transforms.cleaning import REVERSALS


def with_measures(events: DataFrame, settings: EventSettings) -> DataFrame:
    """Add what is summed: weight, intent, purchase (1, -1 or 0) and signed revenue; all exact."""
    kind = F.col("event_type")
    sign = F.when(kind == "purchase", 1).when(kind.isin(*REVERSALS), -1).otherwise(0)
    amount = (F.col("price") * F.coalesce("quantity", F.lit(1))).cast("decimal(18,4)")
    return events.withColumns(
        {
            "weight": _weight(kind, settings.weights),
            "intent": kind.isin(*settings.intent).cast("long"),
            "purchase": sign.cast("long"),
            "revenue": F.coalesce(amount * sign, F.lit(0)).cast("decimal(18,4)"),
        }
    )


def _weight(kind: Expression, weights: Mapping[str, Decimal]) -> Expression:
    pairs = [part for name in sorted(weights) for part in (F.lit(name), F.lit(weights[name]).cast("decimal(18,4)"))]
    return F.create_map(*pairs)[kind]


def build_user_daily(events: DataFrame) -> DataFrame:
    """One row per run_date, user and local day of event; anonymous visitors are left out."""
    moment = F.struct("event_time", "event_id")
    known = events.filter(F.col("user_id").isNotNull())
    return known.groupBy("run_date", "user_id", "event_day").agg(
        F.count("*").alias("n_events"),
        F.sum("intent").alias("n_intents"),
        F.sum("purchase").alias("n_purchases"),
        F.countDistinct("session_id").alias("n_sessions"),
        F.sum("revenue").alias("revenue"),
        F.max_by("country", F.when(F.col("country").isNotNull(), moment)).alias("country"),
        F.max_by("platform", F.when(F.col("platform").isNotNull(), moment)).alias("platform"),
        F.max("event_time").alias("last_event_time"),
    )


def build_item_daily(events: DataFrame) -> DataFrame:
    """One row per run_date and item, anonymous visitors included."""
    moment = F.struct("event_time", "event_id")
    return (
        _about_items(events)
        .groupBy("run_date", "item_id")
        .agg(
            F.count("*").alias("n_events"),
            F.sum("purchase").alias("n_purchases"),
            F.countDistinct("user_id").alias("n_users"),
            F.sum("weight").alias("weight"),
            F.max_by("price", F.when(F.col("price").isNotNull(), moment)).alias("price"),
        )
    )


def build_user_item_daily(events: DataFrame) -> DataFrame:
    """One row per run_date, user, item and local day of event; anonymous visitors are left out."""
    known = _about_items(events).filter(F.col("user_id").isNotNull())
    return known.groupBy("run_date", "user_id", "item_id", "event_day").agg(
        F.count("*").alias("n_events"),
        F.sum("purchase").alias("n_purchases"),
        F.sum("weight").alias("weight"),
    )


def build_context_item_daily(events: DataFrame) -> DataFrame:
    """One row per run_date, context and item; an event counts in each context that it belongs to."""
    placed = _about_items(events).withColumn("context", F.explode(contexts(F.col("country"), F.col("platform"))))
    return placed.groupBy("run_date", "context", "item_id").agg(F.sum("weight").alias("weight"))


def _about_items(events: DataFrame) -> DataFrame:
    return events.filter(F.col("item_id").isNotNull())
