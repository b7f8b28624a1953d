"""Stock side: Spark cleans a day, then sums up all of the past for users and for pairs of a user and an item.

``python -m tests.bench.same_outputs.stock_clean LOG OUT FIRST DAY``: without a folder `events` in OUT the days before
DAY are cleaned first, which is not part of a night. What nightly scripts do: no state, every window is summed anew.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.config import load_settings
from tests.bench.same_outputs.stock_spark import stock_session

WINDOWS = (1, 7, 28, 90)
COUNTED = {"events": "true", "intents": "is_intent", "purchases": "type = 'purchase'"}
MAX_PRICE = 100_000


def clean(spark: SparkSession, log: Path, day: date, days_before: list[Path]) -> DataFrame:
    """Events of a day: typed, in their bounds, of known types, each id once, also over the days before."""
    types = load_settings("sample").events.weights
    raw = spark.read.parquet(str(log / f"{day}.parquet"))
    typed = raw.select(
        F.col("id").alias("event_id"), "type", F.col("user").alias("user_id"), F.col("item").alias("item_id"),
        F.expr("try_to_timestamp(ts)").alias("time"), "price", "qty", "country", "platform",
        F.expr("hour(try_to_timestamp(ts))").alias("hour"), F.lit(day).alias("day"),
    )  # fmt: skip
    good = typed.where(
        F.col("event_id").isNotNull() & F.col("user_id").isNotNull() & F.col("type").isin(list(types))
        & F.col("time").between(F.lit(day - timedelta(1)), F.lit(day + timedelta(1)))
        & (F.col("price").isNull() | F.col("price").between(0, MAX_PRICE))
    ).dropDuplicates(["event_id"])  # fmt: skip
    if not days_before:
        return good
    known = spark.read.parquet(*map(str, days_before)).select("event_id")
    return good.join(known, "event_id", how="left_anti")


def summed_users(events: DataFrame, day: date) -> DataFrame:
    """One row per user: counts and revenue of windows, recency, tenure, hours, last place."""
    intents = ", ".join(f"'{name}'" for name in load_settings("sample").events.intent)
    told = events.withColumns(
        {
            "age": F.datediff(F.lit(day), "day"),
            "is_intent": F.expr(f"type IN ({intents})"),
            "spent": F.expr("IF(type = 'purchase', price * coalesce(qty, 1), 0)"),
        }
    )
    counts = [
        F.expr(f"count_if(age < {days} AND ({what}))").alias(f"n_{name}_{days}d")
        for name, what in COUNTED.items()
        for days in WINDOWS
    ]
    revenue = [F.expr(f"sum(IF(age < {days}, spent, 0))").alias(f"revenue_{days}d") for days in WINDOWS]
    days_with = "size(collect_set(IF(age < {0}, day, NULL))) AS n_active_days_{0}d"
    active = [F.expr(days_with.format(days)) for days in WINDOWS]
    hours = [F.expr(f"count_if(hour = {hour})").alias(f"hour_{hour}") for hour in range(24)]
    return told.groupBy("user_id").agg(
        F.max("age").alias("tenure_days"), F.min("age").alias("days_since_event"),
        F.expr("min(IF(is_intent, age, NULL))").alias("days_since_intent"),
        *counts, *revenue, *active, *hours,
        F.expr("exp(avg(ln(price)) FILTER (WHERE price > 0))").alias("typical_price"),
        F.expr("max_by(country, time)").alias("country"), F.expr("max_by(platform, time)").alias("platform"),
    )  # fmt: skip


def summed_pairs(events: DataFrame, day: date) -> DataFrame:
    """One row per user and item: the weight of what was done, which halves in sixty days."""
    weights = load_settings("sample").events.weights
    weight = F.create_map(*(F.lit(each) for pair in weights.items() for each in (pair[0], float(pair[1]))))
    faded = weight[F.col("type")] * F.expr(f"power(0.5, datediff(DATE'{day}', day) / 60)")
    of_items = events.where(F.col("item_id").isNotNull())
    return of_items.groupBy("user_id", "item_id").agg(F.sum(faded).alias("weight")).where("weight > 0")


def main() -> None:
    """Clean what is missing up to the day, and sum up."""
    log, out, first, day = Path(sys.argv[1]), Path(sys.argv[2]), *map(date.fromisoformat, sys.argv[3:5])
    spark = stock_session(out)
    folders: list[Path] = []
    for each in (first + timedelta(n) for n in range((day - first).days + 1)):
        folder = out / "events" / str(each)
        if each == day or not folder.exists():
            clean(spark, log, each, folders[-1:]).write.mode("overwrite").parquet(str(folder))
        folders.append(folder)
    if sys.argv[5:] != ["past"]:
        events = spark.read.parquet(*map(str, folders))
        summed_users(events, day).write.mode("overwrite").parquet(str(out / "users"))
        summed_pairs(events, day).write.mode("overwrite").parquet(str(out / "pairs"))
    spark.stop()


if __name__ == "__main__":
    main()
