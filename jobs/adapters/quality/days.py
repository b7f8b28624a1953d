"""What can only be said of a whole day, or of a log's whole day: rows that the suites of `DAY_SUITES` judge.

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
    # Rows and newest event by run date and log.
    Counts = dict[tuple[date, str], tuple[int, datetime | None]]

KnownItems = Callable[[date], Collection[str] | None]


@dataclass(frozen=True)
class Surroundings:
    """What is known around the audited rows.

    Attributes
    ----------
    history
        Clean rows by log on dates before the first audited one.
    clean_rows
        Clean rows by log of the audited dates, as their ledger counts them; without a date that has none.
    known_items
        Items of the catalogue as of a date; None where the app has none.
    has_catalogue
        Whether there is one on any date.
    """

    history: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    clean_rows: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    known_items: KnownItems = lambda day: None
    has_catalogue: bool = False


def event_days(frame: Frame, run_dates: Sequence[date], settings: Settings, around: Surroundings) -> pd.DataFrame:
    """One row per run date and log of events; a log that comes empty is not made up for by another one.

    Returns
    -------
    pandas.DataFrame
        run_date, source, and what is wrong with the day's rows of that log in words that name it, else missing:
        `few_rows` and `stale_rows` (never on a closed day), and `lost_rows` (never where no ledger is known).
    """
    import pandas as pd

    found = _counts(frame)
    told: list[dict[str, Any]] = []
    for source in (name for name, log in settings.sources.items() if log.kind == "events"):
        days = {day: found.get((day, source), (0, None)) for day in run_dates}
        before = {day: rows.get(source, 0) for day, rows in around.history.items()}
        history = {**before, **{day: n_rows for day, (n_rows, _) in days.items()}}
        for day in run_dates:
            wrong = {**_wrong(source, day, days[day], history, settings), **_lost(source, day, days[day][0], around)}
            told.append({"run_date": day, "source": source, **wrong})
    return pd.DataFrame(told, columns=["run_date", "source", "few_rows", "stale_rows", "lost_rows"], dtype="object")


def _wrong(
    source: str, day: date, found: tuple[int, datetime | None], history: Mapping[date, int], settings: Settings
) -> dict[str, str]:
    """What is wrong with the number and the times of an open day's rows, in words."""
    if settings.calendar.is_closed(day):
        return {}
    n_rows, newest = found
    least, stalest = least_rows(day, history, settings), _stalest(day, settings)
    wrong: dict[str, str] = {}
    if n_rows < least:
        wrong["few_rows"] = f"{source}: n_rows={n_rows}, least_rows={least}"
    if newest is not None and newest < stalest:
        wrong["stale_rows"] = f"{source}: newest_event={_minute(newest)}, stalest_allowed={_minute(stalest)}"
    return wrong


def _lost(source: str, day: date, n_rows: int, around: Surroundings) -> dict[str, str]:
    """Where the written events are not those that the ledger counts."""
    clean = around.clean_rows[day].get(source, 0) if day in around.clean_rows else n_rows
    return {} if n_rows == clean else {"lost_rows": f"{source}: n_rows={n_rows}, clean_rows={clean}"}


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


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


def _counts(frame: Frame) -> Counts:
    """Rows and newest event by run date and log."""
    import pandas as pd

    keys = ["run_date", "source"]
    if not isinstance(frame, pd.DataFrame):
        answers = frame.groupBy(*keys).agg({"*": "count", "event_time": "max"}).collect()
        # Spark hands out times without a zone, in the process's own.
        return {(row[0], row[1]): (row["count(1)"], _utc(row["max(event_time)"])) for row in answers}
    found = frame.groupby(keys)["event_time"].agg(["size", "max"]).reset_index().to_dict("records")
    return {
        (row["run_date"], row["source"]): (int(row["size"]), None if pd.isna(row["max"]) else row["max"])
        for row in found
    }


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
