"""Stage report: the night on one page, with the Data Docs of every table that was checked."""

import json
import logging

from jobs.adapters.lake import Manifest
from jobs.adapters.quality.data_docs import render
from jobs.adapters.report_page import write_page
from jobs.adapters.run_log import RunLog
from jobs.core.schemas import CHAMPIONS, LEDGER, PUBLISHED
from jobs.datasets.night_summary import summarise
from jobs.stages.job import CHECKS_FILE, Job

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `<home>/apps/<app>/reports/<date>/`: night.json, night.html and data_docs/."""
    day = job.night.run_date
    manifests = _manifests_of(job)
    summary = summarise(
        app=job.night.settings.app,
        run_date=day,
        ledger=job.read_pandas(LEDGER),
        champions=job.read_pandas(CHAMPIONS),
        published=job.read_pandas(PUBLISHED),
        runs=RunLog(job.home.app_folder / "runs", day).read(),
        tables={manifest.table: manifest.rows for manifest in manifests},
        warnings=[{"table": found.table, **check} for found in manifests for check in found.checks],
    )
    folder = job.home.reports / str(day)
    folder.mkdir(parents=True, exist_ok=True)
    documents = [document for manifest in manifests if (document := _document(job, manifest))]
    docs = render(documents, folder / "data_docs")
    page = write_page(summary, folder, docs)
    log.info("report: %s", page)


def _manifests_of(job: Job) -> list[Manifest]:
    """Every current partition of the date, by name of the table."""
    names = sorted(path.name for path in job.lake.root.iterdir() if path.is_dir())
    found = [job.lake.manifest(name, job.night.run_date) for name in names]
    return [manifest for manifest in found if manifest]


def _document(job: Job, manifest: Manifest) -> dict[str, object] | None:
    path = job.lake.attempt_folder(manifest) / CHECKS_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
