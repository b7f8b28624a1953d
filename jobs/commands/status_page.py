"""Prints the last nights of an app on a terminal, or as plain text where there is none."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.adapters.online import Served
from jobs.core.config import Settings
from jobs.stages.recent_nights import RecentNight

# The first word of a state that asks for somebody.
_BAD = ("failed", "killed", "unreadable")


def print_app(
    console: Console,
    settings: Settings,
    nights: Sequence[RecentNight],
    served: Served | None,
    problem: str,
    now: datetime,
) -> None:
    """What is served and how old it is, a line a night, and the stages and decisions of the newest night."""
    console.print(Text.assemble((f"App {settings.app}", "bold"), f"  {settings.schedule.time_zone}"))
    console.print(_served(settings, served, problem, now))
    if not nights:
        console.print("No night has run yet.\n", style="yellow")
        return
    console.print(_nights(nights, served))
    for night in nights:
        if night.problem:
            console.print(f"{night.run_date}: {night.problem}", style="yellow")
    newest = nights[0].summary
    if newest and newest["champions"]:
        console.print(_decisions(newest))
    if newest and newest["stages"]:
        console.print(_stages(newest, now))


def _served(settings: Settings, served: Served | None, problem: str, now: datetime) -> Text:
    if problem:
        return Text(problem, style="red")
    if served is None:
        return Text("The online store serves nothing yet.", style="yellow")
    age = (now.astimezone(settings.zone).date() - served.run_date).days - 1
    told = f"Serves {served.generation}, publish number {served.publish_number}, {_days(age)} old"
    until = served.expires_at.astimezone(UTC).isoformat(sep=" ", timespec="minutes")
    if served.expires_at <= now:
        return Text(f"{told}; expired at {until}: readers must not serve it", style="red")
    hold = f"; a rollback holds publishes up to {served.hold}" if served.hold else ""
    return Text(f"{told}, until {until}{hold}", style="yellow" if age > 0 or served.hold else "green")


def _days(age: int) -> str:
    return f"{age} {'day' if age == 1 else 'days'}"


def _nights(nights: Sequence[RecentNight], served: Served | None) -> Table:
    table = _table(
        "night", "state", "ended", "seconds", "raw", "clean", "generation", right=("seconds", "raw", "clean")
    )
    for night in nights:
        table.add_row(*_night(night, served), style="red" if night.state.startswith(_BAD) else None)
    return table


def _night(night: RecentNight, served: Served | None) -> list[str]:
    found = night.summary
    if found is None:
        return [str(night.run_date), night.state]
    counts, generation = found["counts"], found["online"]["generation"]
    mark = " (served)" if served and served.generation == generation else ""
    return [
        str(night.run_date),
        night.state,
        max((_moment(stage) for stage in found["stages"]), default=""),
        f"{found['seconds']:.0f}",
        f"{counts['raw']:,}",
        f"{counts['clean']:,}",
        f"{generation}{mark}",
    ]


def _decisions(summary: Mapping[str, Any]) -> Table:
    table = _table("role", "champion", "decision", "why")
    for row in summary["champions"]:
        table.add_row(row["role"], row["model"], row["decision"].replace("_", " "), row["reason"])
    return table


def _stages(summary: Mapping[str, Any], now: datetime) -> Table:
    table = _table("stage", "state", "seconds", "rows", "ended", "ago", right=("seconds", "rows", "ago"))
    table.title, table.title_justify, table.title_style = f"Stages of {summary['run_date']}", "left", "bold"
    for stage in summary["stages"]:
        rows, bad = sum(stage["rows"].values()), stage["state"].startswith(_BAD)
        cells = [stage["stage"], stage["state"], f"{stage['seconds']:.1f}", f"{rows:,}" if rows else ""]
        table.add_row(*cells, _moment(stage), _ago(stage, now), style="red" if bad else None)
    return table


def _moment(stage: Mapping[str, Any]) -> str:
    """When it ended, UTC; lines of older versions do not say."""
    return datetime.fromisoformat(stage["at"]).strftime("%Y-%m-%d %H:%M") if stage.get("at") else ""


def _ago(stage: Mapping[str, Any], now: datetime) -> str:
    if not stage.get("at"):
        return ""
    passed = now - datetime.fromisoformat(stage["at"])
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    return f"{passed // timedelta(hours=1)} h" if passed < timedelta(days=2) else _days(passed.days)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table
