"""Who and what left since the served generation was made: the part that `publish` and `withdraw` share."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.online import Served, StatusMark, open_store
from jobs.adapters.online.publishing import withdraw_from_served
from jobs.core.config.model import Settings
from jobs.core.fingerprint import hash_of
from jobs.core.night import Night
from jobs.core.schemas import ITEM_PROFILES, USER_STATUS
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd

    from jobs.adapters.online.leaving import Leaving


def newest_status(lake: Lake, night: Night) -> Manifest:
    """The newest `user_status`, of the night or later.

    The one place that looks beyond the run date: whoever has opted out by now must leave what is
    served, whatever day's lists are published.

    Raises
    ------
    MissingPartitionError
        If there is none of the night or later.
    """
    newest = max(lake.run_dates(USER_STATUS.name), default=night.run_date)
    return lake.require(USER_STATUS.name, max(newest, night.run_date), "clean_events")


def read_status(lake: Lake, manifest: Manifest) -> "pd.DataFrame":
    """Rows of a partition of `user_status`."""
    from jobs.adapters.lake.arrow import read_pandas

    return read_pandas(lake, USER_STATUS, manifest)


def newest_delisted(lake: Lake, settings: Settings, day: date) -> set[str]:
    """Items that nobody may be shown: not available by `item_profiles` of a day, or blocked.

    Parameters
    ----------
    lake, settings
        Of the app.
    day
        That of the newest `user_status`, which is written together with the profiles.
    """
    from jobs.adapters.lake.arrow import empty_pandas, read_pandas
    from jobs.datasets.serving import delisted_items

    manifest = lake.manifest(ITEM_PROFILES.name, day)
    profiles = read_pandas(lake, ITEM_PROFILES, manifest) if manifest else empty_pandas(ITEM_PROFILES)
    return delisted_items(profiles, settings.lists.blocked)


def leaving_by_now(lake: Lake, night: Night) -> "Leaving":
    """Who and what may not be served by the newest `user_status` and `item_profiles`."""
    from jobs.adapters.online.leaving import Leaving

    newest = newest_status(lake, night)
    # Before anything is read: of what changes meanwhile the mark is the older one, and the next withdrawal reads it.
    mark = mark_of(lake, night.settings, newest)
    rows = read_status(lake, newest)
    statuses = dict(zip(rows["user_id"], rows["status"], strict=True))
    return Leaving(statuses, newest_delisted(lake, night.settings, newest.run_date), mark)


def mark_of(lake: Lake, settings: Settings, manifest: Manifest) -> StatusMark:
    """What the store remembers of what was applied: the newest `user_status` and the items delisted by then."""
    profiles = lake.manifest(ITEM_PROFILES.name, manifest.run_date)
    applied = [manifest.digest, profiles.digest if profiles else "", sorted(settings.lists.blocked)]
    return StatusMark(manifest.run_date, hash_of(applied))


def withdraw_newest(job: Job) -> str:
    """Let leave what is served who and what left by now; returns how that ended, in a word or two."""
    store = open_store(job.night.settings, job.home)
    if max(job.lake.run_dates(USER_STATUS.name), default=date.min) < job.night.run_date:
        unknown = f"nothing known: no user_status of {job.night.run_date} yet"
        return unknown if store.served() else "nothing is served yet"
    return withdraw_from_served(store, job.home, partial(_left_since, job))


def _left_since(job: Job, served: Served) -> "Leaving | None":
    """Who and what left by now; None where what is served respects that, and then nothing is read."""
    mark = mark_of(job.lake, job.night.settings, newest_status(job.lake, job.night))
    return None if mark.digest == served.status_digest else leaving_by_now(job.lake, job.night)
