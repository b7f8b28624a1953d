"""Prints the last nights of an app on a terminal, or as plain text where there is none."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from jobs.adapters.online import Served
from jobs.commands.status_gate import gate_table
from jobs.commands.status_tables import age_of, days_of, nights_table, stages_table
from jobs.core.config import Settings
from jobs.core.secrets import known_secrets, masked
from jobs.stages.recent_nights import RecentNight


def print_app(
    console: Console,
    settings: Settings,
    nights: Sequence[RecentNight],
    served: Served | None,
    problem: str,
    now: datetime,
    whole: int = 1,
) -> None:
    """What is served and how old it is, a line a night, and the stages and decisions of the first `whole` nights."""
    console.print(Text.assemble((f"App {settings.app}", "bold"), f"  {settings.schedule.time_zone}"))
    known = known_secrets(os.environ)
    console.print(_served(settings, served, masked(problem, known), now))
    if not nights:
        console.print("No night has run yet.\n", style="yellow")
        return
    console.print(nights_table(console, nights, served, now.astimezone(settings.zone).date()))
    for night in nights:
        if night.problem:
            console.print(f"{night.run_date}: {masked(night.problem, known)}", style="yellow")
    for night in nights[:whole]:
        _print_whole(console, night, now)


def _print_whole(console: Console, night: RecentNight, now: datetime) -> None:
    if night.summary and night.summary["champions"]:
        console.print(gate_table(console, night.summary["champions"], night.run_date))
    stages = stages_table(console, night, now)
    if stages:
        console.print(stages)


def _served(settings: Settings, served: Served | None, problem: str, now: datetime) -> Text:
    if problem:
        return Text(problem, style="red")
    if served is None:
        return Text("The online store serves nothing yet.", style="yellow")
    age = age_of(served.run_date, now.astimezone(settings.zone).date())
    told = f"Serves {served.generation}, publish number {served.publish_number}, {days_of(age)} old"
    until = served.expires_at.astimezone(UTC).isoformat(sep=" ", timespec="minutes")
    if served.expires_at <= now:
        return Text(f"{told}; expired at {until}: readers must not serve it", style="red")
    hold = f"; a rollback holds publishes up to {served.hold}" if served.hold else ""
    return Text(f"{told}, until {until}{hold}", style="yellow" if age > 0 or served.hold else "green")
