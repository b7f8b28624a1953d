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
from jobs.adapters.online.writers import writer_of
from jobs.core.output_schemas import PUBLISHED
from jobs.core.schemas import USER_STATUS
from jobs.features.online import ONLINE_VIEWS
from jobs.features.registry import VIEWS
from jobs.features.serving import SERVING_VIEWS, USER_SERVING
from jobs.features.spec import FeatureView
from jobs.stages.job import Job
from jobs.stages.overtaken import raise_if_inputs_changed
from jobs.stages.plan import Plan, is_unchanged
from jobs.stages.serving_views import build_views
from jobs.stages.withdrawal import leaving_by_now, mark_of, newest_status, withdraw_newest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

log = logging.getLogger("nightjar")

Keys = dict[str, "pd.DataFrame"]
"""By name of the view: frames that have its key."""


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
    made, keys = _write_views(job)
    digests = {**_read_digests(job), **made}
    decision = _publish(job, digests)
    log.info("publish: %s", decision.reason)
    own = withdraw_users(keys, job.read_pandas(USER_STATUS))
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


def _write_views(job: Job) -> tuple[dict[str, str], Keys]:
    """Write the serving views, a part of one in memory at a time; their digests, and the keys of all views."""
    import pandas as pd

    files = {name: job.begin_parts(view.table) for name, view in SERVING_VIEWS.items()}
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in files}
    for view, rows in build_views(job):
        files[view.name].add(rows)
        parts[view.name].append(_kept(view, rows))
    keys = {name: job.read_pandas(view.table, columns=[view.key]) for name, view in VIEWS.items()}
    for name, found in parts.items():
        none = pd.DataFrame({SERVING_VIEWS[name].key: []}, dtype=object)
        keys[name] = pd.concat(found, ignore_index=True) if found else none
    return {name: job.keep_parts(file) for name, file in files.items()}, keys


def _kept(view: FeatureView, rows: "pd.DataFrame | pa.Table") -> "pd.DataFrame":
    """Of a part what is needed to the end: the keys, and of `user_serving` all."""
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows if view is USER_SERVING else rows[[view.key]]
    keys: pd.DataFrame = rows.select([view.key]).to_pandas()
    return keys


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
    write = writer_of(job.night.settings, job.home)
    store = open_store(job.night.settings, job.home)
    return publish_generation(store, job.home, offer, write, lambda: raise_if_inputs_changed(job))


def _published(job: Job, decision: Decision, digests: Mapping[str, str], rows: Keys) -> "pd.DataFrame":
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
