"""Prints the last nights of an app on a terminal, or as plain text where there is none."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.adapters.online import Served
from jobs.commands.status_tables import nights_table, stages_table, table_of
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
) -> None:
    """What is served and how old it is, a line a night, and the stages and decisions of the newest night."""
    console.print(Text.assemble((f"App {settings.app}", "bold"), f"  {settings.schedule.time_zone}"))
    known = known_secrets(os.environ)
    console.print(_served(settings, served, masked(problem, known), now))
    if not nights:
        console.print("No night has run yet.\n", style="yellow")
        return
    console.print(nights_table(console, nights, served))
    for night in nights:
        if night.problem:
            console.print(f"{night.run_date}: {masked(night.problem, known)}", style="yellow")
    newest = nights[0].summary
    if newest and newest["champions"]:
        console.print(_decisions(newest))
    stages = stages_table(console, nights[0], now)
    if stages:
        console.print(stages)


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


def _decisions(summary: Mapping[str, Any]) -> Table:
    table = table_of(("role", "champion", "decision", "why"), wraps=("decision", "why"))
    for row in summary["champions"]:
        table.add_row(row["role"], row["model"], row["decision"].replace("_", " "), row["reason"])
    return table
