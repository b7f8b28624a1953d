"""On which run date a row of the log arrived, where its file does not say so."""

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.model import Settings
from jobs.transforms.mapping import map_columns
from jobs.transforms.times import local_day, to_utc

_RAW = ("run_date", "source", "header", "raw", "source_file")


def place_by_event_time(
    raw: DataFrame, settings: Settings, headers: Mapping[str, tuple[str, ...]], first: date, last: date
) -> DataFrame:
    """Give rows of logs that are split by event time their run date, and keep those of a night.

    Parameters
    ----------
    raw
        Rows of all logs, as `read_raw` gives them.
    settings
        The mapping, the app's time zone and its first day.
    headers
        Values of `header` by log.
    first, last
        Run dates of the night, both included.

    Returns
    -------
    DataFrame
        The rows of other logs as they are. A row of these belongs to the local day of its event time; one
        without a readable time, or with an earlier one, to the app's first day. So each row has one run date, and
        over all dates none is lost.
    """
    split = [name for name, log in settings.sources.items() if log.day_from == "event_time"]
    placed = raw.filter(~F.col("source").isin(split)) if split else raw
    for name in split:
        placed = placed.union(
            _placed(raw.filter(F.col("source") == name), name, settings, headers[name], first, last)
        )
    return placed


def _placed(
    rows: DataFrame, name: str, settings: Settings, headers: tuple[str, ...], first: date, last: date
) -> DataFrame:
    log, schedule = settings.sources[name], settings.schedule
    mapped = map_columns(rows, log, headers)
    day = local_day(to_utc(F.col("event_time"), log.time_format, log.time_zone), schedule.time_zone)
    dated = mapped.select(F.greatest(day, F.lit(schedule.first_day)).alias("day"), *_RAW)
    return dated.filter(F.col("day").between(first, last)).select(F.col("day").alias("run_date"), *_RAW[1:])
