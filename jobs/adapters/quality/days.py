"""What can only be said of a whole day: one row per run date, which the suites of `DAY_SUITES` judge.

Importing it is light; a frame is only looked at when a table that has such a suite is audited.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Any

from jobs.core.config.model import Settings

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

    Frame = DataFrame | pd.DataFrame

KnownItems = Callable[[date], Collection[str] | None]


@dataclass(frozen=True)
class Surroundings:
    """What is known around the audited rows.

    Attributes
    ----------
    history
        Rows of the same table on dates before the first audited one.
    known_items
        Items of the catalogue as of a date; None where the app has none.
    has_catalogue
        Whether there is one on any date.
    """

    history: Mapping[date, int] = field(default_factory=dict)
    known_items: KnownItems = lambda day: None
    has_catalogue: bool = False


def event_days(frame: Frame, run_dates: Sequence[date], settings: Settings, around: Surroundings) -> pd.DataFrame:
    """One row per run date of `events`.

    Returns
    -------
    pandas.DataFrame
        run_date, n_rows, least_rows, newest_event and stalest_allowed (UTC); the limits are missing on a
        closed day, and the times on a day without rows.
    """
    import pandas as pd

    found = _counts(frame)
    history = {**around.history, **{day: found.get(day, (0, None))[0] for day in run_dates}}
    rows: list[tuple[Any, ...]] = []
    for day in run_dates:
        n_rows, newest = found.get(day, (0, None))
        is_closed = settings.calendar.is_closed(day)
        least = None if is_closed else least_rows(day, history, settings)
        stalest = None if is_closed or newest is None else _stalest(day, settings)
        rows.append((day, n_rows, least, newest, stalest))
    days = pd.DataFrame(rows, columns=["run_date", "n_rows", "least_rows", "newest_event", "stalest_allowed"])
    times = {name: pd.to_datetime(days[name], utc=True) for name in ("newest_event", "stalest_allowed")}
    return days.assign(least_rows=days["least_rows"].astype("float64"), **times)


def item_days(frame: Frame, run_dates: Sequence[date], around: Surroundings) -> pd.DataFrame:
    """One row per run date of `item_daily`: share of its events about items that the catalogue does not name.

    Returns
    -------
    pandas.DataFrame
        run_date, unknown_items, unknown_share (of events; missing where there is no catalogue).
    """
    import pandas as pd

    items = frame if isinstance(frame, pd.DataFrame) else frame.select("run_date", "item_id", "n_events").toPandas()
    rows = []
    for day in run_dates:
        known = around.known_items(day)
        here = items[items["run_date"] == day] if known is not None else items.head(0)
        unknown = here[~here["item_id"].isin(set(known or ()))]
        share = float(unknown["n_events"].sum() / here["n_events"].sum()) if len(here) else None
        rows.append({"run_date": day, "unknown_items": len(unknown), "unknown_share": share})
    days: pd.DataFrame = pd.DataFrame(rows).astype({"unknown_share": "float64"})
    return days


def least_rows(day: date, history: Mapping[date, int], settings: Settings) -> int:
    """Rows that an open day must bring: a share of the median of the same open weekdays before, and at least one."""
    weeks = range(1, settings.checks.volume_weeks + 1)
    before = [day - timedelta(weeks=week) for week in weeks]
    like = [history[past] for past in before if past in history and not settings.calendar.is_closed(past)]
    return max(1, ceil(settings.checks.min_volume_share * median(like))) if like else 1


def _stalest(day: date, settings: Settings) -> datetime:
    midnight = datetime.combine(day + timedelta(1), time(), settings.zone).astimezone(UTC)
    return midnight - timedelta(hours=settings.checks.max_staleness_hours)


def _counts(frame: Frame) -> dict[date, tuple[int, datetime | None]]:
    """Rows and newest event by run date."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        answers = frame.groupBy("run_date").agg({"*": "count", "event_time": "max"}).collect()
        # Spark hands out times without a zone, in the process's own.
        return {row[0]: (row["count(1)"], _utc(row["max(event_time)"])) for row in answers}
    grouped = frame.groupby("run_date")["event_time"]
    found = grouped.agg(["size", "max"]).reset_index().to_dict("records")
    return {row["run_date"]: (int(row["size"]), None if pd.isna(row["max"]) else row["max"]) for row in found}


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
