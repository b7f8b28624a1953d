"""Writes `log_columns`: what ingest_events notes of the files beside their rows."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.core.drift_schemas import LOG_COLUMNS
from jobs.readers.log_files import SourceFiles
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd


def write_log_columns(job: Job) -> None:
    """Compare each date's files with those of the last day before that had some."""
    import pandas as pd

    rows = pd.concat(list(_days(job)), ignore_index=True)
    # Its suite asks for changes alone.
    job.write_pandas_days(LOG_COLUMNS, rows, ask=bool((rows["change"] != "").any()))


def _days(job: Job) -> "Iterator[pd.DataFrame]":
    from jobs.datasets.log_columns import merge, roll_columns
    from jobs.readers.column_kinds import column_kinds

    rows = job.read_pandas(LOG_COLUMNS, job.night.first - timedelta(1))
    for day in job.night.dates:
        seen = {
            name: merge(column_kinds(path, job.night.settings.sources[name]) for path in _files_on(files, day))
            for name, files in job.log_files.items()
        }
        rows = roll_columns(rows, seen)
        yield rows.assign(run_date=day)


def _files_on(files: SourceFiles, day: date) -> tuple[Path, ...]:
    """Files of a log that is split by event time count on every day."""
    return files.undated or files.by_day.get(day, ())
