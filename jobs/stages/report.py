"""Stage report: the night on one page, with the Data Docs of every table that was checked."""

import json
import logging

from jobs.adapters.lake import Manifest
from jobs.adapters.quality.data_docs import render
from jobs.adapters.report_page import write_page
from jobs.stages.job import CHECKS_FILE, Job
from jobs.stages.night_facts import manifests_of, summarise_night

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `<home>/apps/<app>/reports/<date>/`: night.json, night.html and data_docs/."""
    folder = job.home.reports / str(job.night.run_date)
    summary = summarise_night(job.lake, job.home, job.night)
    documents = [document for found in manifests_of(job.lake, job.night) if (document := _document(job, found))]
    docs = render(documents, folder / "data_docs")
    log.info("report: %s", write_page(summary, folder, docs))


def _document(job: Job, manifest: Manifest) -> dict[str, object] | None:
    path = job.lake.attempt_folder(manifest) / CHECKS_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
