"""Stage ingest_events: the day's log files, untouched, as `raw_events`."""

from jobs.core.schemas import RAW_EVENTS
from jobs.readers.registry import read_raw
from jobs.stages.job import Job


def run(job: Job) -> None:
    """Read the files of the open days; a closed day leaves an empty partition."""
    raw = read_raw(job.spark, job.log_files, job.night.settings.log)
    job.write_spark(RAW_EVENTS, raw)
