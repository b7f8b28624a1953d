"""The tables of `nightjar status`: nights, and the stages of one. Words stay whole also in 80 columns."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from jobs.adapters.online import Served
from jobs.adapters.running import RunningStage
from jobs.commands.status_gate import gate_cell
from jobs.commands.whole_words import first_that_fits, table_of, with_whole_words
from jobs.stages.recent_nights import RecentNight

# The first word of a state that asks for somebody.
_BAD = ("failed", "killed", "unreadable")
_COLUMNS = ("night", "age", "state", "ended", "seconds", "raw", "clean", "gate", "generation")
# In a narrow terminal these stand below each other; when a night ended is left to the table of its stages.
_STACKED = ("state", "gate", "generation")
_SPARED = "ended"
_UNKNOWN = "-"
# Cells by the name of their column, and the style of the line.
_Lines = Sequence[tuple[Mapping[str, str], str | None]]


def nights_table(console: Console, nights: Sequence[RecentNight], served: Served | None, today: date) -> Table:
    """A line a night, or a few short ones where the console is narrow; `today` is the app's."""
    lines = [(_night(night, served, today), "red" if night.state.startswith(_BAD) else None) for night in nights]
    without_end = [name for name in _COLUMNS if name != _SPARED]
    return first_that_fits(console, _on_lines(_COLUMNS, lines), _on_lines(without_end, lines), _stacked(lines))


def days_of(age: int) -> str:
    """An age in words."""
    return f"{age} {'day' if age == 1 else 'days'}"


def age_of(day: date, today: date) -> int:
    """Days since the day that a night is of had ended."""
    return (today - day).days - 1


def stages_table(console: Console, night: RecentNight, now: datetime) -> Table | None:
    """The last run of each stage, and below them those that run or were killed; None where there are none."""
    noted = {} if night.summary is None else {one["stage"]: one for one in night.summary["stages"]}
    begun = {one.stage: one for one in night.running}
    names = ("stage", "state", "seconds", "rows", "ended", "ago")
    table = table_of(names, wraps=("state",), title=f"Stages of {night.run_date}")
    for name, stage in noted.items():
        if name not in begun:
            table.add_row(*_ended(stage, now), style="red" if stage["state"].startswith(_BAD) else None)
    for one in begun.values():
        table.add_row(*_begun(one, now), style="red" if one.is_dead else None)
    return with_whole_words(console, table) if table.row_count else None


def _on_lines(names: Sequence[str], lines: _Lines) -> Table:
    table = table_of(names, wraps=("state", "gate"))
    for cells, style in lines:
        table.add_row(*(cells[name] for name in names), style=style)
    return table


def _stacked(lines: _Lines) -> Table:
    head, single = "\n".join(_STACKED), [name for name in _COLUMNS if name not in (*_STACKED, _SPARED)]
    table = table_of((*single, head), wraps=(head,))
    for cells, style in lines:
        below = "\n".join(cells[name] for name in _STACKED if cells[name])
        table.add_row(*(cells[name] for name in single), below, style=style)
    return table


def _night(night: RecentNight, served: Served | None, today: date) -> dict[str, str]:
    """The cells of a line by the name of their column."""
    known = {"night": str(night.run_date), "age": days_of(age_of(night.run_date, today)), "state": night.state}
    found = night.summary
    if found is None:
        return {**dict.fromkeys(_COLUMNS, ""), **known}
    counts, generation = found["counts"], found["online"]["generation"]
    # Before its rows were cleaned nobody has counted them.
    is_counted = "ledger" in found["tables"]
    mark = ", served" if served and served.generation == generation else ""
    return {
        **known,
        "state": f"{night.state}{mark}",
        "ended": max((_moment(stage) for stage in found["stages"]), default=""),
        "seconds": f"{found['seconds']:.0f}",
        "raw": f"{counts['raw']:,}" if is_counted else _UNKNOWN,
        "clean": f"{counts['clean']:,}" if is_counted else _UNKNOWN,
        "gate": gate_cell(found["champions"]),
        "generation": generation,
    }


def _ended(stage: Mapping[str, Any], now: datetime) -> list[str]:
    rows, at = sum(stage["rows"].values()), stage.get("at")
    cells = [stage["stage"], stage["state"], f"{stage['seconds']:.1f}", f"{rows:,}" if rows else ""]
    return [*cells, _moment(stage), _ago(now - datetime.fromisoformat(at)) if at else ""]


def _begun(one: RunningStage, now: datetime) -> list[str]:
    state = "killed, began" if one.is_dead else "running, began"
    return [one.stage, f"{state} {one.since:%Y-%m-%d %H:%M}", "", "", "", _ago(now - one.since)]


def _moment(stage: Mapping[str, Any]) -> str:
    """When it ended, UTC; lines of older versions do not say."""
    return datetime.fromisoformat(stage["at"]).strftime("%Y-%m-%d %H:%M") if stage.get("at") else ""


def _ago(passed: timedelta) -> str:
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    if passed < timedelta(days=2):
        return f"{passed // timedelta(hours=1)} h"
    return f"{passed.days} days"
