"""The part of clean_events that reads logs of items and users."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame

from jobs.adapters.lake.arrow import empty_pandas
from jobs.core.schemas import ITEM_PROFILES, UPDATED_AT, USER_PROFILES
from jobs.core.table import Table
from jobs.stages.job import Job
from jobs.transforms.mapping import map_columns
from jobs.transforms.profiles import build_items, build_users, judge_profiles

_TABLES = {"items": (ITEM_PROFILES, build_items), "users": (USER_PROFILES, build_users)}
# Equal rows say the same: which of them is the first does not matter.
_COPY = "IF(row_number() OVER (PARTITION BY run_date, source, row_hash ORDER BY source_file) > 1, 'exact', NULL)"


def write_profiles(job: Job, kind: str, rows: DataFrame | None) -> DataFrame:
    """Write `item_profiles` or `user_profiles`, by kind of log, from judged rows; None where there is no such log.

    Returns those of the night's run dates, also where their table is not among those to write.
    """
    table, build = _TABLES[kind]
    before = job.read_spark(table)
    if rows is None and not any(manifest.rows for manifest in job.inputs.get(table.name, [])):
        _write_nothing(job, table)
        return before
    named = _nobody(before) if rows is None else rows.filter("reason IS NULL")
    return job.write_spark(table, build(named, before, job.night.first, job.night.last))


def judged_profiles(job: Job, kind: str, logs: Mapping[str, Sequence[DataFrame]]) -> DataFrame | None:
    """Rows of all logs of a kind, `items` or `users`, with `reason` and `copy_of`; None where there is none."""
    sources = job.night.settings.sources
    parts = [
        judge_profiles(map_columns(rows, sources[name]), sources[name])
        for name, frames in logs.items()
        if sources[name].kind == kind
        for rows in frames
    ]
    return reduce(DataFrame.unionByName, parts).selectExpr("*", f"{_COPY} AS copy_of") if parts else None


def _nobody(profiles: DataFrame) -> DataFrame:
    return profiles.limit(0).selectExpr("*", f"CAST(NULL AS timestamp) AS {UPDATED_AT}")


def _write_nothing(job: Job, table: Table) -> None:
    job.write_pandas_days(table, empty_pandas(table).assign(run_date=None))
