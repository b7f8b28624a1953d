"""Stage ingest_events: the day's log files, untouched, into the lake.

A file that is one day's is kept as it came: nothing is lost, and nothing is paid for. Only a log that is split by
event time is read here, since its days have to be told apart.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from jobs.core.schemas import RAW_EVENTS, RAW_FILES
from jobs.readers.file_digest import file_digest
from jobs.readers.log_files import SourceFiles
from jobs.readers.registry import file_headers, read_raw
from jobs.stages.job import Job
from jobs.stages.log_columns import write_log_columns


def run(job: Job) -> None:
    """Keep the files of the open days, and the night's rows of logs that are split by event time."""
    write_log_columns(job)
    _keep_files(job)
    _keep_rows(job)


def _keep_files(job: Job) -> None:
    import pandas as pd

    columns = ["run_date", *RAW_FILES.column_names]
    rows = pd.DataFrame(list(_files(job)), columns=[*columns, "path"])
    rows["copy"] = rows.groupby(["run_date", "source", "digest"]).cumcount()
    folder = job.write_beside(RAW_FILES, rows[columns])
    for kept_as, path in zip(rows["kept_as"], rows["path"], strict=True):
        (folder / kept_as).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / kept_as)


def _files(job: Job) -> Iterator[tuple[Any, ...]]:
    """Run date, then the columns of `raw_files`, then the path of each dated file."""
    for name, found in sorted(job.log_files.items()):
        log = job.night.settings.sources[name]
        for day, number, path in _dated(found):
            # The day stands in front, as it tells the run date of the rows; their own name may hold anything.
            kept_as = f"run_date={day}/{name}/{day}-{number:04d}.{log.extension}"
            digest = file_digest(path, is_text=log.format != "parquet")
            yield day, name, digest, 0, path.name, kept_as, log.format, path


def _dated(found: SourceFiles) -> Iterator[tuple[date, int, Path]]:
    for day in sorted(found.by_day):
        yield from ((day, number, path) for number, path in enumerate(found.by_day[day]))


def _keep_rows(job: Job) -> None:
    from jobs.adapters.lake.arrow import empty_pandas

    split = {name: found for name, found in job.log_files.items() if found.undated}
    if not split:
        # No log, no Spark.
        job.write_pandas_days(RAW_EVENTS, empty_pandas(RAW_EVENTS).assign(run_date=None))
        return
    from jobs.transforms.arrival import place_by_event_time

    settings, night = job.night.settings, job.night
    raw = read_raw(job.spark, [(settings.sources[name], found) for name, found in split.items()])
    headers = {name: file_headers(found, settings.sources[name]) for name, found in split.items()}
    job.write_spark(RAW_EVENTS, place_by_event_time(raw, settings, headers, night.first, night.last))
