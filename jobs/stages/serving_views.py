"""The rows of the serving views of a night, one view in memory at a time."""

from collections.abc import Iterator
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
)
from jobs.features.spec import FeatureView
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd

_USER = "user"
_RUNGS_AND_ITEMS = sorted({str(listed.view.entity) for listed in LIST_VIEWS} - {_USER})

Built = Iterator[tuple[FeatureView, "pd.DataFrame"]]

_PROFILES = {
    USER_SEGMENT.name: USER_SEGMENTS,
    USER_STAGE.name: USER_STAGES,
    SEND_TIME.name: SEND_TIMES,
    NEXT_INTEREST.name: NEXT_INTERESTS,
}
"""Table behind each view of profiles."""


def build_views(job: Job) -> Built:
    """Every serving view with its rows, in no order that means anything."""
    from jobs.datasets import serving

    end = job.night.end_of(job.night.run_date)
    activity = job.read_pandas(user_activity.SPEC.table, columns=["user_id", "tenure_days", "days_since_event"])
    status, resting = job.read_pandas(USER_STATUS), _resting(job)
    users = serving.build_user_serving(activity, resting, status, job.night.settings.activity, end)
    personal = serving.personal_users(users)
    yield USER_SERVING, users
    yield from _lists(job, personal)
    predictions = job.read_pandas(PREDICTIONS)
    said = serving.build_predictions(predictions[predictions["user_id"].isin(personal)], end)
    yield from ((view, said[view.name]) for view in PREDICTION_VIEWS)
    tables = {name: job.read_pandas(table) for name, table in _PROFILES.items()}
    told = serving.build_profiles(tables, job.read_pandas(SEGMENTS), personal, end)
    yield from ((view, told[view.name]) for view in PROFILE_VIEWS)


def _lists(job: Job, personal: set[str]) -> Built:
    """Views of lists: users' own a surface at a time, a sixth of a night's largest table; all others are few."""
    from jobs.datasets import serving

    settings, end = job.night.settings, job.night.end_of(job.night.run_date)
    profiles = job.read_pandas(ITEM_PROFILES, columns=["item_id", "is_available"])
    delisted = serving.delisted_items(profiles, settings.lists.blocked)
    others = job.read_pandas_where(RECOMMENDATIONS, {"entity": _RUNGS_AND_ITEMS})
    for listed in LIST_VIEWS:
        rows = others
        if listed.view.entity == _USER:
            wanted: dict[str, list[str]] = {"entity": [_USER], "surface": [listed.surface]}
            rows = serving.keep_personal(job.read_pandas_where(RECOMMENDATIONS, wanted), personal)
        yield listed.view, serving.build_list_view(listed, rows, delisted, settings.lists.online_items, end)


def _resting(job: Job) -> set[str]:
    """Users who rest, and some who have returned since: a rest table is read back to its last full copy."""
    table = user_activity.ROLLING.rest_table
    dates = [manifest.run_date for manifest in job.inputs.get(table.name, [])]
    return set(job.read_pandas_days(table, dates, ["user_id"])["user_id"])
