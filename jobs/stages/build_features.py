"""Stage build_features: roll the state forward, then derive the feature views from it."""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.fingerprint import setting
from jobs.core.schemas import (
    CONTEXT_ITEM_DAILY,
    CONTEXT_ITEM_STATE,
    ITEM_DAILY,
    ITEM_STATE,
    USER_DAILY,
    USER_ITEM_DAILY,
    USER_ITEM_STATE,
    USER_STATE,
)
from jobs.features import context_popularity, item_popularity, user_activity, user_item_affinity
from jobs.features.rolling import Decayed, RollingState, roll_forward
from jobs.features.spec import FeatureView
from jobs.stages.job import Job
from jobs.stages.plan import keep_bulky_from


def run(job: Job) -> None:
    """Every state and view of the night's run dates."""
    features, night = job.night.settings.features, job.night
    users = job.write_spark(USER_STATE, _roll(job, user_activity.ROLLING, _user_arrivals(job)))
    activity = user_activity.build(users, features.user_half_life_days)
    job.write_spark(user_activity.SPEC.table, _stamped(job, user_activity.SPEC, activity))

    items = job.write_spark(ITEM_STATE, _roll(job, item_popularity.ROLLING, job.read_spark(ITEM_DAILY)))
    popularity = item_popularity.build(items, features.item_half_life_days)
    job.write_spark(item_popularity.SPEC.table, _stamped(job, item_popularity.SPEC, popularity))

    kept = [day for day in night.dates if day >= keep_bulky_from(night)]
    pairs_rolled = _roll(job, user_item_affinity.ROLLING, _pair_arrivals(job), keep_from=kept[0])
    pairs = job.write_spark(USER_ITEM_STATE, pairs_rolled, kept)
    affinity = user_item_affinity.build(pairs, features.affinity_half_life_days, features.affinity_items)
    job.write_spark(user_item_affinity.SPEC.table, _stamped(job, user_item_affinity.SPEC, affinity), kept)

    contexts = _roll(job, context_popularity.ROLLING, job.read_spark(CONTEXT_ITEM_DAILY), keep_from=kept[0])
    job.write_spark(CONTEXT_ITEM_STATE, contexts, kept)


def _roll(job: Job, state: RollingState, daily: DataFrame, keep_from: date | None = None) -> DataFrame:
    half_lives = {
        measure.half_life: int(setting(job.night.settings, measure.half_life))
        for measure in state.measures
        if isinstance(measure, Decayed)
    }
    before = job.read_spark(state.table)
    return roll_forward(state, before, daily, job.night.first, job.night.last, half_lives, keep_from)


def _user_arrivals(job: Job) -> DataFrame:
    """One row per user and day of arrival; late events count on the day they arrive."""
    daily = job.read_spark(USER_DAILY)
    latest = F.struct("event_day", "last_event_time")
    return daily.groupBy("run_date", "user_id").agg(
        F.min("event_day").alias("first_day"),
        F.max("event_day").alias("event_day"),
        F.max(F.when(F.col("n_intents") > 0, F.col("event_day"))).alias("intent_day"),
        F.sum("n_events").alias("n_events"),
        F.sum("n_intents").alias("n_intents"),
        F.sum("n_purchases").alias("n_purchases"),
        F.sum("n_sessions").alias("n_sessions"),
        F.max((F.col("event_day") == F.col("run_date")).cast("long")).alias("n_active_days"),
        F.sum("revenue").alias("revenue"),
        F.max_by("country", F.when(F.col("country").isNotNull(), latest)).alias("country"),
        F.max_by("platform", F.when(F.col("platform").isNotNull(), latest)).alias("platform"),
    )


def _pair_arrivals(job: Job) -> DataFrame:
    """One row per user, item and day of arrival."""
    return (
        job.read_spark(USER_ITEM_DAILY)
        .groupBy("run_date", "user_id", "item_id")
        .agg(
            F.min("event_day").alias("first_day"),
            F.max("event_day").alias("event_day"),
            F.sum("n_events").alias("n_events"),
            F.sum("n_purchases").alias("n_purchases"),
            F.sum("weight").alias("weight"),
        )
    )


def _stamped(job: Job, view: FeatureView, frame: DataFrame) -> DataFrame:
    """Add the event timestamp: midnight that ends the run date in the app's time zone, in UTC."""
    midnight = F.date_add("run_date", 1).cast("timestamp")
    return frame.withColumn("event_timestamp", F.to_utc_timestamp(midnight, job.night.settings.schedule.time_zone))
