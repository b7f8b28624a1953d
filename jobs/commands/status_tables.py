"""The tables of `nightjar status`: nights, and the stages of the newest. Words stay whole also in 80 columns."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table

from jobs.adapters.online import Served
from jobs.adapters.running import RunningStage
from jobs.stages.recent_nights import RecentNight

# The first word of a state that asks for somebody.
_BAD = ("failed", "killed", "unreadable")
_RIGHT = ("seconds", "raw", "clean", "rows", "ago")
# What a narrow terminal does without, the least needed first; the table of stages has both.
_SPARED = ("seconds", "ended")
_UNKNOWN = "-"


def nights_table(console: Console, nights: Sequence[RecentNight], served: Served | None) -> Table:
    """A line a night, with as many columns as the console has room for."""
    lines = [(_night(night, served), "red" if night.state.startswith(_BAD) else None) for night in nights]
    for spared in range(len(_SPARED) + 1):
        names = [name for name in lines[0][0] if name not in _SPARED[:spared]]
        table = table_of(names, wraps=("state",))
        for cells, style in lines:
            table.add_row(*(cells[name] for name in names), style=style)
        if _least_width(console, _with_whole_words(console, table)) <= console.width:
            break
    return table


def stages_table(console: Console, night: RecentNight, now: datetime) -> Table | None:
    """The last run of each stage, and below them those that run or were killed; None where there are none."""
    noted = {} if night.summary is None else {one["stage"]: one for one in night.summary["stages"]}
    begun = {one.stage: one for one in night.running}
    table = table_of(("stage", "state", "seconds", "rows", "ended", "ago"), wraps=("state",))
    table.title, table.title_justify, table.title_style = f"Stages of {night.run_date}", "left", "bold"
    for name, stage in noted.items():
        if name not in begun:
            table.add_row(*_ended(stage, now), style="red" if stage["state"].startswith(_BAD) else None)
    for one in begun.values():
        table.add_row(*_begun(one, now), style="red" if one.is_dead else None)
    return _with_whole_words(console, table) if table.row_count else None


def table_of(names: Sequence[str], wraps: Collection[str]) -> Table:
    """An empty table, of which only some columns are laid on several lines."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in names:
        justify: JustifyMethod = "right" if name in _RIGHT else "left"
        table.add_column(name, justify=justify, no_wrap=name not in wraps, overflow="fold")
    return table


def _least_width(console: Console, table: Table) -> int:
    """Measured on a console without an end: Rich takes no width for larger than the console's."""
    return console.measure(table, options=console.options.update(width=10**6)).minimum


def _with_whole_words(console: Console, table: Table) -> Table:
    """Keep columns wide enough: Rich narrows them through words, and those that do not wrap as well."""
    for column in table.columns:
        needs = [console.measure(cell) for cell in (column.header, *column.cells)]
        column.min_width = max(need.maximum if column.no_wrap else need.minimum for need in needs)
    return table


def _night(night: RecentNight, served: Served | None) -> dict[str, str]:
    """The cells of a line by the name of their column."""
    cells = {"night": str(night.run_date), "state": night.state}
    found = night.summary
    if found is None:
        return {**cells, **dict.fromkeys(("ended", "seconds", "raw", "clean", "generation"), "")}
    counts, generation = found["counts"], found["online"]["generation"]
    # Before its rows were cleaned nobody has counted them.
    is_counted = "ledger" in found["tables"]
    mark = ", served" if served and served.generation == generation else ""
    return {
        "night": str(night.run_date),
        "state": f"{night.state}{mark}",
        "ended": max((_moment(stage) for stage in found["stages"]), default=""),
        "seconds": f"{found['seconds']:.0f}",
        "raw": f"{counts['raw']:,}" if is_counted else _UNKNOWN,
        "clean": f"{counts['clean']:,}" if is_counted else _UNKNOWN,
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
