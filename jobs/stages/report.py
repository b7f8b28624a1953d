"""Stage report: the night on one page, with the Data Docs of every table that was checked."""

import logging

from jobs.adapters.report_page import write_page
from jobs.stages.check_pages import render_checks
from jobs.stages.job import Job
from jobs.stages.night_facts import summarise_night

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `<home>/apps/<app>/reports/<date>/`: night.json, night.html and data_docs/."""
    folder = job.home.reports / str(job.night.run_date)
    summary = summarise_night(job.lake, job.home, job.night)
    docs = render_checks(job.lake, job.home, job.night)
    log.info("report: %s", write_page(summary, folder, docs))
