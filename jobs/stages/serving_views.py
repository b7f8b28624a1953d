"""The rows of the serving views of a night, a view or a part of one in memory at a time."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jobs.core.output_schemas import PREDICTIONS, RECOMMENDATIONS
from jobs.core.profile_schemas import NEXT_INTERESTS, SEGMENTS, SEND_TIMES, USER_SEGMENTS, USER_STAGES
from jobs.core.schemas import ITEM_PROFILES, USER_STATUS
from jobs.features import user_activity
from jobs.features.serving import (
    LIST_VIEWS,
    NEXT_INTEREST,
    PREDICTION_VIEWS,
    PROFILE_VIEWS,
    SEND_TIME,
    USER_SEGMENT,
    USER_SERVING,
    USER_STAGE,
    ListView,
)
from jobs.features.spec import FeatureView
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_USER = "user"
_RUNGS_AND_ITEMS = sorted({str(listed.view.entity) for listed in LIST_VIEWS} - {_USER})

_PART_USERS = 5_000
"""Users whose lists are turned into rows at once: .6 GB with six lists of fifty, of which Arrow keeps each text."""

Built = Iterator[tuple[FeatureView, "pd.DataFrame | pa.Table"]]

_PROFILES = {
    USER_SEGMENT.name: USER_SEGMENTS,
    USER_STAGE.name: USER_STAGES,
    SEND_TIME.name: SEND_TIMES,
    NEXT_INTEREST.name: NEXT_INTERESTS,
}
"""Table behind each view of profiles."""


def build_views(job: Job) -> Built:
    """Every serving view with its rows; a large one comes in parts, whose keys ascend from one to the next."""
    from jobs.datasets import serving

    end = job.night.end_of(job.night.run_date)
    activity = job.read_pandas(user_activity.SPEC.table, columns=["user_id", "tenure_days", "days_since_event"])
    status, resting = job.read_pandas(USER_STATUS), _resting(job)
    users = serving.build_user_serving(activity, resting, status, job.night.settings.activity, end)
    personal = serving.personal_users(users)
    yield USER_SERVING, users
    yield from _lists(job, personal)
    yield from _predictions(job, personal)
    tables = {name: job.read_pandas(table) for name, table in _PROFILES.items()}
    told = serving.build_profiles(tables, job.read_pandas(SEGMENTS), personal, end)
    yield from ((view, told[view.name]) for view in PROFILE_VIEWS)


def _predictions(job: Job, personal: set[str]) -> Built:
    from jobs.datasets import serving

    end = job.night.end_of(job.night.run_date)
    for part in _parts_of(personal):
        rows = job.read_arrow_between(PREDICTIONS, {}, "user_id", (part[0], part[-1])).to_pandas()
        said = serving.build_predictions(rows[rows["user_id"].isin(part)], end)
        yield from ((view, said[view.name]) for view in PREDICTION_VIEWS)


def _lists(job: Job, personal: set[str]) -> Built:
    """Views of lists: of users in parts, ascending by key; all others are few."""
    from jobs.datasets.serving import delisted_items
    from jobs.datasets.serving_lists import build_list_view

    settings, end = job.night.settings, job.night.end_of(job.night.run_date)
    profiles = job.read_pandas(ITEM_PROFILES, columns=["item_id", "is_available"])
    delisted = delisted_items(profiles, settings.lists.blocked)

    def built(listed: ListView, rows: "pa.Table") -> "tuple[FeatureView, pa.Table]":
        return listed.view, build_list_view(listed, rows, delisted, settings.lists.online_items, end)

    others = job.read_arrow_where(RECOMMENDATIONS, {"entity": _RUNGS_AND_ITEMS})
    yield from (built(listed, others) for listed in LIST_VIEWS if listed.view.entity != _USER)
    of_users = [listed for listed in LIST_VIEWS if listed.view.entity == _USER]
    for rows in _rows_of_users(job, personal):
        yield from (built(listed, rows) for listed in of_users)


def _rows_of_users(job: Job, personal: set[str]) -> "Iterator[pa.Table]":
    """Lists of users who have some of their own, a part of the users after the other; none if there are none."""
    from jobs.datasets.serving_lists import rows_of

    for part in _parts_of(personal):
        ends = part[0], part[-1]
        yield rows_of(job.read_arrow_between(RECOMMENDATIONS, {"entity": _USER}, "key", ends), part)


def _parts_of(users: Iterable[str]) -> Iterator[list[str]]:
    """Users in parts, ascending from one to the next."""
    ordered = sorted(users)
    yield from (ordered[start : start + _PART_USERS] for start in range(0, len(ordered), _PART_USERS))


def _resting(job: Job) -> set[str]:
    """Users who rest, and some who have returned since: a rest table is read back to its last full copy."""
    table = user_activity.ROLLING.rest_table
    dates = [manifest.run_date for manifest in job.inputs.get(table.name, [])]
    return set(job.read_pandas_days(table, dates, ["user_id"])["user_id"])
