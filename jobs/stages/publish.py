"""Put the night's views, lists and predictions into the online store as one generation.

On a closed day nothing new is published: yesterday's generation stays, less who left since.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobs.adapters.lake import Manifest
from jobs.adapters.online import Decision, Generation, decide, open_store
from jobs.adapters.online.publishing import Offer, publish_generation
from jobs.adapters.online.registry import apply_registry, is_applied
from jobs.core.output_schemas import PREDICTIONS, PUBLISHED, RECOMMENDATIONS
from jobs.core.profile_schemas import NEXT_INTERESTS, SEGMENTS, SEND_TIMES, USER_SEGMENTS, USER_STAGES
from jobs.core.schemas import ITEM_PROFILES, USER_STATUS
from jobs.features import user_activity
from jobs.features.online import ONLINE_VIEWS
from jobs.features.registry import VIEWS
from jobs.features.serving import (
    CHURN,
    NEXT_INTEREST,
    SEND_TIME,
    SERVING_VIEWS,
    USER_SEGMENT,
    USER_SERVING,
    USER_STAGE,
)
from jobs.stages.job import Job
from jobs.stages.plan import Plan, is_unchanged
from jobs.stages.withdrawal import leaving_by_now, mark_of, newest_status, withdraw_newest

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("nightjar")

Frames = dict[str, "pd.DataFrame"]

_PROFILES = {
    USER_SEGMENT.name: USER_SEGMENTS,
    USER_STAGE.name: USER_STAGES,
    SEND_TIME.name: SEND_TIMES,
    NEXT_INTEREST.name: NEXT_INTERESTS,
}
"""Table behind each view of profiles."""


def run(job: Job) -> str:
    """Publish the night, or on a closed day withdraw who left; returns how that ended."""
    if job.night.is_closed:
        return withdraw_newest(job)
    settled = _settled(job)
    if settled is not None:
        log.info("publish: %s", settled.reason)
        return settled.outcome
    from jobs.datasets.serving import withdraw_users

    apply_registry(job.night.settings, job.home)
    frames = _build_frames(job)
    made = {name: job.write_pandas(view.table, frames[name]) for name, view in SERVING_VIEWS.items()}
    digests = {**_read_digests(job), **made}
    decision = _publish(job, digests)
    log.info("publish: %s", decision.reason)
    own = withdraw_users(frames, job.read_pandas(USER_STATUS))
    job.write_pandas(PUBLISHED, _published(job, decision, digests, own))
    return decision.outcome


def _settled(job: Job) -> Decision | None:
    """How the night ends where its tables stand and the store would not take them; light, without Feast."""
    plan = Plan(job.inputs, job.log_files, job.provenance)
    if not is_unchanged(job.stage, job.night, job.lake, plan) or not is_applied(job.night.settings, job.home):
        return None
    manifests = {name: job.lake.manifest(name, job.night.run_date) for name in ONLINE_VIEWS}
    digests = {name: manifest.digest for name, manifest in manifests.items() if manifest}
    store = open_store(job.night.settings, job.home)
    decision = decide(store.served(), _generation(job, digests), store.unfinished())
    return decision if decision.outcome != "published" else None


def _build_frames(job: Job) -> Frames:
    """Keys of the feature views, whose rows are served from their files, and the serving views, made here."""
    from jobs.datasets import serving

    settings, end = job.night.settings, job.night.end_of(job.night.run_date)
    frames = {name: job.read_pandas(view.table, columns=[view.key]) for name, view in VIEWS.items()}
    activity = job.read_pandas(user_activity.SPEC.table, columns=["user_id", "tenure_days", "days_since_event"])
    users = serving.build_user_serving(activity, _resting(job), job.read_pandas(USER_STATUS), settings.activity, end)
    personal = serving.personal_users(users)
    recommendations = serving.keep_personal(job.read_pandas(RECOMMENDATIONS), personal)
    profiles = job.read_pandas(ITEM_PROFILES, columns=["item_id", "is_available"])
    delisted = serving.delisted_items(profiles, settings.lists.blocked)
    lists = serving.build_list_views(recommendations, delisted, settings.lists.online_items, end)
    predictions = job.read_pandas(PREDICTIONS)
    frames[CHURN.name] = serving.build_churn(predictions[predictions["user_id"].isin(personal)], end)
    tables = {name: job.read_pandas(table) for name, table in _PROFILES.items()}
    told = serving.build_profiles(tables, job.read_pandas(SEGMENTS), personal, end)
    return {**frames, **lists, **told, USER_SERVING.name: users}


def _resting(job: Job) -> set[str]:
    """Users who rest, and some who have returned since: a rest table is read back to its last full copy."""
    table = user_activity.ROLLING.rest_table
    dates = [manifest.run_date for manifest in job.inputs.get(table.name, [])]
    return set(job.read_pandas_days(table, dates, ["user_id"])["user_id"])


def _read_manifests(job: Job) -> dict[str, Manifest]:
    """Those of the feature views."""
    read = {name: job.manifest(view.table, job.night.run_date) for name, view in VIEWS.items()}
    return {name: manifest for name, manifest in read.items() if manifest}


def _read_digests(job: Job) -> dict[str, str]:
    """Content digest of every feature view: that of its table in the lake."""
    return {name: manifest.digest for name, manifest in _read_manifests(job).items()}


def _generation(job: Job, digests: Mapping[str, str]) -> Generation:
    mark = mark_of(job.lake, job.night.settings, newest_status(job.lake, job.night))
    return Generation.of_night(job.night, digests, mark)


def _publish(job: Job, digests: Mapping[str, str]) -> Decision:
    """Offer the generation to the store, less who and what left by the newest `user_status` and `item_profiles`."""
    files = {name: job.lake.paths(manifest) for name, manifest in _read_manifests(job).items()}
    made = {name: job.written(view.table) for name, view in SERVING_VIEWS.items()}
    offer = Offer(_generation(job, digests), {**files, **made}, lambda: leaving_by_now(job.lake, job.night))
    return publish_generation(open_store(job.night.settings, job.home), job.home, offer)


def _published(job: Job, decision: Decision, digests: Mapping[str, str], rows: Frames) -> "pd.DataFrame":
    """The rows of `published`: what the night's own generation holds, whatever the store serves."""
    import pandas as pd

    views = sorted(ONLINE_VIEWS)
    return pd.DataFrame(
        {
            "view": views,
            "generation": _generation(job, digests).name,
            "content_digest": [digests[name] for name in views],
            "n_rows": [len(rows[name]) for name in views],
            "publish_number": decision.served.publish_number,
            "outcome": decision.outcome,
        }
    )
