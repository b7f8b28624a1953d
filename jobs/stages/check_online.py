"""Read the night back from the online store with the plain Feast SDK and compare it with the lake."""

import logging

from jobs.adapters.online import Generation, OnlineStore, Served, StatusMark, open_store
from jobs.core.errors import OnlineStoreError
from jobs.core.night import Night
from jobs.core.output_schemas import PUBLISHED
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


def run(job: Job) -> str | None:
    """Compare the number of rows of every view, and a sample of its rows value by value.

    Green without a look where the store serves a later date, or holds after a rollback: then this
    night was skipped by the rules.

    Raises
    ------
    OnlineStoreError
        At the first difference.
    """
    store = open_store(job.night.settings, job.home)
    published = job.read_pandas(PUBLISHED)
    name = str(published["generation"].iloc[0])
    served = store.served()
    if served is None or served.generation != name:
        return _explain(served, name, job.night)
    _compare(job, store, served, dict(zip(published["view"], published["content_digest"], strict=True)))
    return None


def _explain(served: Served | None, name: str, night: Night) -> str:
    if served and (served.highest_date > night.run_date or (served.hold and served.hold >= night.run_date)):
        log.info("check_online: the store serves %s by its rules, %s was skipped", served.generation, name)
        return "skipped"
    raise OnlineStoreError(
        f"the online store serves {served.generation if served else 'nothing'}, the lake has published "
        f"{name}; run: nightjar publish --app {night.settings.app} --date {night.run_date}"
    )


def _compare(job: Job, store: OnlineStore, served: Served, digests: dict[str, str]) -> None:
    from jobs.adapters.online.environment import feature_store
    from jobs.adapters.online.read_back import check_counts, check_rows
    from jobs.stages.wanted_online import wanted_online

    wanted = wanted_online(job, served.status_date)
    check_counts(store, wanted)
    generation = Generation.of_night(job.night, digests, StatusMark(served.status_date, served.status_digest))
    rows = check_rows(feature_store(job.night.settings, job.home), wanted, generation)
    log.info("check_online: %d rows of %d views are as in the lake", rows, len(wanted))
