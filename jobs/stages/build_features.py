"""Stage build_features: roll the state forward, then derive the feature views from it."""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.daily_schemas import CONTEXT_ITEM_DAILY, ITEM_DAILY, USER_DAILY, USER_ITEM_DAILY
from jobs.core.fingerprint import setting
from jobs.core.habit_schemas import USER_HABITS_DAILY
from jobs.core.schemas import ITEM_PROFILES
from jobs.core.table import Table
from jobs.features import (
    context_popularity,
    item_popularity,
    user_activity,
    user_category_affinity,
    user_habits,
    user_item_affinity,
)
from jobs.features.rest import MergeDays, RestRule
from jobs.features.rolling import Roll
from jobs.features.rolling_state import RollingState
from jobs.features.spec import FeatureView
from jobs.features.wanted_items import with_wanted_items
from jobs.stages.job import Job
from jobs.stages.plan import written_dates


def run(job: Job) -> None:
    """Every state and view of the night's run dates."""
    job.side_by_side(
        lambda: _of_items_and_users(job),
        lambda: _of_pairs(job),
        lambda: _roll(job, user_habits.ROLLING, job.read_spark(USER_HABITS_DAILY)),
        lambda: _roll(job, context_popularity.ROLLING, job.read_spark(CONTEXT_ITEM_DAILY)),
    )


def _of_items_and_users(job: Job) -> None:
    """What users wanted is told by the newest state of items."""
    features = job.night.settings.features
    items = _roll(job, item_popularity.ROLLING, job.read_spark(ITEM_DAILY))
    _write_view(job, item_popularity.SPEC, item_popularity.build(items, features))
    daily = with_wanted_items(job.read_spark(USER_DAILY), job.read_spark(USER_ITEM_DAILY), items)
    users = _roll(job, user_activity.ROLLING, daily)
    _write_view(job, user_activity.SPEC, user_activity.build(users, features))


def _of_pairs(job: Job) -> None:
    features = job.night.settings.features
    pairs = _roll(job, user_item_affinity.ROLLING, job.read_spark(USER_ITEM_DAILY))
    affinity = user_item_affinity.build(pairs, features.affinity_half_life_days, features.affinity_items)
    _write_view(job, user_item_affinity.SPEC, affinity)
    categories = user_category_affinity.build(pairs, job.read_spark(ITEM_PROFILES), features)
    _write_view(job, user_category_affinity.SPEC, categories)


def _roll(job: Job, state: RollingState, daily: DataFrame) -> DataFrame:
    """Write a state and its keys at rest; returns the state."""
    night, settings = job.night, job.night.settings
    rest_settings = (setting(settings, name) for name in state.rest_after)
    roll = Roll(
        state=state,
        before=job.read_spark(state.table),
        rested=job.read_spark(state.rest_table),
        daily=daily,
        first=night.first,
        last=night.last,
        half_lives={name: int(setting(settings, name)) for name in state.half_lives},
        rest=RestRule.of(rest_settings, state.window_lengths, MergeDays.of(settings)),
    )
    dates, rest_dates = _dates(job, state.table), _dates(job, state.rest_table)
    at_work = job.write_spark(state.table, roll.at_work(dates[0]), dates)
    job.write_spark(state.rest_table, roll.at_rest(rest_dates[0]), rest_dates)
    return at_work


def _dates(job: Job, table: Table) -> list[date]:
    return written_dates(job.stage, table.name, job.night)


def _write_view(job: Job, view: FeatureView, frame: DataFrame) -> None:
    """Write a view, with its event timestamp: midnight that ends the run date in the app's time zone, in UTC."""
    midnight = F.date_add("run_date", 1).cast("timestamp")
    stamp = F.to_utc_timestamp(midnight, job.night.settings.schedule.time_zone)
    job.write_spark(view.table, frame.withColumn("event_timestamp", stamp), _dates(job, view.table))
