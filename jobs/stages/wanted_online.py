"""What should be online of a night: how many rows of each view, and some of them; never all in memory."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pandas as pd

from jobs.adapters.online.read_back import Wanted
from jobs.core.schemas import USER_STATUS
from jobs.datasets.serving import withdraw_items, withdraw_users
from jobs.features.online import ONLINE_VIEWS
from jobs.features.serving import LIST_VIEWS, USER_SERVING
from jobs.features.spec import FeatureView
from jobs.stages.job import Job
from jobs.stages.withdrawal import newest_delisted, read_status

ITEMS = "items"

_Left = Callable[[pd.DataFrame], pd.DataFrame]


def wanted_online(job: Job, status_date: date) -> dict[str, Wanted]:
    """By view: its rows in the lake, less who and what had left by a date.

    Parameters
    ----------
    job
        Of a night whose views have been written.
    status_date
        Of the `user_status` and `item_profiles` that are applied to what is served.
    """
    settings = job.night.settings
    status = read_status(job.lake, job.lake.require(USER_STATUS.name, status_date, "clean_events"))
    delisted = newest_delisted(job.lake, settings, status_date)
    serving = job.read_pandas(USER_SERVING.table)

    def left(view: FeatureView, rows: pd.DataFrame) -> pd.DataFrame:
        kept = withdraw_users({USER_SERVING.name: serving, view.name: rows}, status)
        return (withdraw_items(kept, delisted) if delisted else kept)[view.name]

    return {
        name: _wanted(job, view, partial(left, view), has_items=bool(delisted)) for name, view in ONLINE_VIEWS.items()
    }


def _wanted(job: Job, view: FeatureView, left: _Left, *, has_items: bool) -> Wanted:
    """Keys are read of all rows, and lists only where some of them may have lost all of their items."""
    is_list = has_items and view.name in {listed.view.name for listed in LIST_VIEWS}
    columns = {view.key, *([ITEMS] if is_list else []), *(["status"] if view is USER_SERVING else [])}
    keys = left(job.read_pandas(view.table, columns=sorted(columns)))[view.key].sort_values()
    some = keys.iloc[:: max(1, -(-len(keys) // job.night.settings.online.check_rows))]
    return Wanted(len(keys), left(job.read_arrow_where(view.table, {view.key: some.tolist()}).to_pandas()))
