"""Stage profile_users: what users are like, and when and with what to reach them; beside predictions.

Each part ends for itself: where one has too little to go by it says so in a line, and the night goes on; groups then
stay as they were.
"""

import logging
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.core.habit_schemas import USER_HABITS_STATE
from jobs.core.profile_schemas import NEXT_INTERESTS, SEGMENTS, SEND_TIMES, USER_SEGMENTS, USER_STAGES
from jobs.core.schemas import ITEM_PROFILES
from jobs.core.state_schemas import USER_ITEM_STATE
from jobs.core.table import Table
from jobs.datasets.predictions import READ
from jobs.features import user_activity
from jobs.models.profiles.behaviour import build_behaviour
from jobs.models.profiles.hours import counts_of
from jobs.models.profiles.next_interest import build_next_interests
from jobs.models.profiles.pairs import place_pairs
from jobs.models.profiles.segment_identity import number_of
from jobs.models.profiles.segment_table import build_segment_tables
from jobs.models.profiles.segments import learn_groups
from jobs.models.profiles.send_time import build_send_times
from jobs.models.profiles.stages import build_stages
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")

Ints = npt.NDArray[np.int64]

_COPIED = (SEGMENTS, USER_SEGMENTS)
_TABLES = (*_COPIED, USER_STAGES, SEND_TIMES, NEXT_INTERESTS)


def run(job: Job) -> None:
    """Write groups, stages, send times and next interests; on a closed day groups are carried over."""
    if job.night.is_closed:
        _carry_over(job)
        return
    settings = job.night.settings
    everyone = job.read_pandas(user_activity.SPEC.table, columns=READ)
    known = everyone[~everyone["user_id"].isin(deleted_users(job))].reset_index(drop=True)
    job.write_pandas(USER_STAGES, build_stages(known, settings.profiles.stages))
    active = known[known["days_since_event"] < settings.activity.days].reset_index(drop=True)
    habits, pairs = job.read_pandas(USER_HABITS_STATE), _pairs(job)
    users = active["user_id"].to_numpy(dtype=object)
    group, n_groups = _write_segments(job, active, habits, pairs)
    job.write_pandas(SEND_TIMES, _send_times(job, users, habits, group, n_groups))
    job.write_pandas(NEXT_INTERESTS, _next_interests(job, users, pairs, group, n_groups))


def _carry_over(job: Job) -> None:
    """Yesterday's groups stand, so that they keep their names over closed days; nothing else is said."""
    for table in _TABLES:
        copied = job.read_pandas(table, job.night.run_date - timedelta(1)) if table in _COPIED else _none(table)
        job.write_pandas(table, copied)


def _pairs(job: Job) -> pd.DataFrame:
    """What users did with items at work, with the catalogue's categories and prices."""
    columns = ["user_id", "item_id", "n_events", "n_purchases", "weight", "affinity", "affinity_day"]
    catalogue = job.read_pandas(ITEM_PROFILES, columns=["item_id", "category", "price"])
    half_life = job.night.settings.features.affinity_half_life_days
    return place_pairs(job.read_pandas(USER_ITEM_STATE, columns=columns), catalogue, job.night.run_date, half_life)


def _write_segments(job: Job, active: pd.DataFrame, habits: pd.DataFrame, pairs: pd.DataFrame) -> tuple[Ints, int]:
    """Write groups; the group of each user from 0, -1 without one, and the number of groups."""
    settings, day = job.night.settings.profiles, job.night.run_date - timedelta(1)
    yesterday, before = job.read_pandas(SEGMENTS, day), job.read_pandas(USER_SEGMENTS, day)
    previous = active["user_id"].map(before.set_index("user_id")["segment"]).fillna("").astype(object)
    try:
        behaviour = build_behaviour(active, habits, pairs, settings.segments.taste_prior)
        numbers = np.array([number_of(name) if name else -1 for name in previous], dtype=np.int64)
        grouping = learn_groups(behaviour, numbers, settings.segments, settings.min_users)
    except ModelError as error:
        stay = "; yesterday's stay" if len(yesterday) else ""
        log.warning("no groups of users tonight: %s%s", error, stay)
        return _write_yesterdays(job, active, previous, yesterday, before)
    hours = counts_of(habits.set_index("user_id").reindex(behaviour.users)["visit_hours"])
    segments, users = build_segment_tables(behaviour, hours, grouping, previous, yesterday)
    job.write_pandas(SEGMENTS, segments)
    job.write_pandas(USER_SEGMENTS, users)
    _tell(segments, grouping.is_kept)
    return grouping.label, grouping.n_groups


def _write_yesterdays(
    job: Job, active: pd.DataFrame, previous: "pd.Series[str]", yesterday: pd.DataFrame, before: pd.DataFrame
) -> tuple[Ints, int]:
    """Groups stand as they were, so that none loses its id for a thin night; who is active keeps the own one."""
    job.write_pandas(SEGMENTS, yesterday)
    job.write_pandas(USER_SEGMENTS, before[before["user_id"].isin(active["user_id"])].reset_index(drop=True))
    names = {name: place for place, name in enumerate(yesterday["segment"])}
    return np.array([names.get(name, -1) for name in previous], dtype=np.int64), len(names)


def _tell(segments: pd.DataFrame, is_kept: bool) -> None:
    log.info(
        "%d groups of users, %s; %.1f %% of users moved, largest drift %.2f deviations",
        len(segments),
        "grown from yesterday's" if is_kept else "learned afresh",
        100 * segments["moved_share"].max(),
        segments["drift"].max(),
    )


def _send_times(
    job: Job, users: npt.NDArray[np.object_], habits: pd.DataFrame, group: Ints, n_groups: int
) -> pd.DataFrame:
    if habits.empty or not len(users):
        log.warning("no best hours tonight: user_habits_state tells of no visit")
        return _none(SEND_TIMES)
    if not counts_of(habits["opened_hours"]).any():
        log.info("no notification was ever opened: best hours rest on visits alone")
    settings = job.night.settings
    return build_send_times(users, habits, group, n_groups, settings.profiles.send_time, settings.schedule.time_zone)


def _next_interests(
    job: Job, users: npt.NDArray[np.object_], pairs: pd.DataFrame, group: Ints, n_groups: int
) -> pd.DataFrame:
    if not pairs["category"].notna().any():
        log.warning("no next interests tonight: no item that users met has a category in item_profiles")
        return _none(NEXT_INTERESTS)
    return build_next_interests(users, pairs, group, n_groups, job.night.settings.profiles.next_interest)


def _none(table: Table) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table.column_names))
