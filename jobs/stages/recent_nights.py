"""The last nights of an app at a glance, for `nightjar status`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs.adapters.lake import Lake
from jobs.adapters.online import Served, open_store
from jobs.adapters.running import RunningStage, running_stages
from jobs.core.config import Settings
from jobs.core.errors import MissingPartitionError, NightjarError
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.output_schemas import PUBLISHED
from jobs.stages.night_facts import summarise_tables


@dataclass(frozen=True)
class RecentNight:
    """One night.

    Attributes
    ----------
    run_date
        D.
    summary
        As the report has it; None where its tables cannot be read.
    problem
        Why they cannot, else empty.
    running
        Stages that run, or were killed.
    """

    run_date: date
    summary: dict[str, Any] | None
    problem: str
    running: tuple[RunningStage, ...]

    @property
    def state(self) -> str:
        """In one word or two: running, killed, failed, closed, done, or how far it came."""
        if self.problem:
            return "unreadable"
        if self.running:
            killed = all(one.is_dead for one in self.running)
            return f"{'killed in' if killed else 'running'} {self.running[-1].stage}"
        return _state(self.summary or {})


def recent_nights(lake: Lake, home: Home, settings: Settings, most: int) -> list[RecentNight]:
    """The newest nights of which a stage ran, newest first; of a back-fill its last date."""
    running = running_stages(home.running)
    return [
        _night(lake, home, Night(settings, day, day), tuple(one for one in running if one.run_date == day))
        for day in sorted(_dates(home, lake, running), reverse=True)[:most]
    ]


def _dates(home: Home, lake: Lake, running: Sequence[RunningStage]) -> set[date]:
    noted = [date.fromisoformat(file.stem) for file in home.runs.glob("????-??-??.jsonl")]
    return {*noted, *(one.run_date for one in running), *lake.run_dates(PUBLISHED.name)}


def one_night(lake: Lake, home: Home, settings: Settings, day: date) -> RecentNight:
    """One date, also of a back-fill, which notes its stages under its last date.

    Raises
    ------
    MissingPartitionError
        If no stage of that date ran and no table has it; the message says which nights there are.
    """
    running = tuple(one for one in running_stages(home.running) if one.run_date == day)
    night = _night(lake, home, Night(settings, day, day), running)
    if night.problem or running or (night.summary and (night.summary["stages"] or night.summary["tables"])):
        return night
    raise MissingPartitionError(
        f"app {settings.app!r} has no night {day} in {home.app_folder}; {_others(home, lake)}"
    )


def _others(home: Home, lake: Lake) -> str:
    dates = _dates(home, lake, running_stages(home.running))
    return f"the nights it has are from {min(dates)} to {max(dates)}" if dates else "none has run yet"


def served_now(settings: Settings, home: Home) -> tuple[Served | None, str]:
    """What the online store serves, and why nobody can say where it cannot be reached."""
    try:
        return open_store(settings, home).served(), ""
    except NightjarError as error:
        return None, str(error)


def _night(lake: Lake, home: Home, night: Night, running: tuple[RunningStage, ...]) -> RecentNight:
    try:
        return RecentNight(night.run_date, summarise_tables(lake, home, night, None), "", running)
    except NightjarError as error:
        return RecentNight(night.run_date, None, str(error), running)


def _state(summary: dict[str, Any]) -> str:
    failed = [stage["stage"] for stage in summary["stages"] if stage["state"] == "failed"]
    if failed:
        return f"failed in {failed[-1]}"
    if summary["is_closed"]:
        return "closed day"
    if summary["online"]["generation"]:
        return str(summary["online"]["outcome"])
    stages = [stage["stage"] for stage in summary["stages"]]
    return f"up to {stages[-1]}" if stages else "no run noted"
