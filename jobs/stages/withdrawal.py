"""What users decided since the served generation was made: the part that `publish` and `withdraw` share."""

import logging
from datetime import date
from typing import TYPE_CHECKING

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.online import StatusMark, open_store
from jobs.adapters.online.publishing import withdraw_from_served
from jobs.core.config.model import Settings
from jobs.core.night import Night
from jobs.core.schemas import ITEM_PROFILES, USER_STATUS
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("nightjar")


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


def mark_of(manifest: Manifest) -> StatusMark:
    """What the store remembers of the partition that was applied."""
    return StatusMark(manifest.run_date, manifest.digest)


def withdraw_newest(job: Job) -> str:
    """Apply the newest status to what is served; returns how that ended, in a word or two."""
    store = open_store(job.night.settings, job.home)
    served = store.served()
    if served is None:
        return "nothing is served yet"
    if max(job.lake.run_dates(USER_STATUS.name), default=date.min) < job.night.run_date:
        return f"nothing known: no user_status of {job.night.run_date} yet"
    manifest = newest_status(job.lake, job.night)
    if manifest.digest == served.status_digest:
        return "unchanged"
    rows = read_status(job.lake, manifest)
    statuses = dict(zip(rows["user_id"], rows["status"], strict=True))
    changes = withdraw_from_served(store, job.home, statuses, mark_of(manifest))
    log.info("%s: %d rows and values of generation %s changed or left", job.stage.name, changes, served.generation)
    return "withdrawn" if changes else "unchanged"
