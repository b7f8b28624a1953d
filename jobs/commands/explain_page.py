"""Prints where a raw row ended."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.adapters.quality.privacy import PERSONAL, shown
from jobs.commands.row_fate import Fate
from jobs.core.visible import visible

_STYLES = {"clean": "green", "quarantined": "red", "duplicate": "yellow"}


def print_fate(console: Console, fate: Fate, hash_key: str | None) -> None:
    """A line that says where it ended, and a table of its columns.

    Parameters
    ----------
    hash_key
        Key of the hashes that stand for personal values; None to show the values.
    """
    place = f"{fate.place or 'not placed yet'}{f' ({fate.reason})' if fate.reason else ''}"
    style = f"bold {_STYLES.get(fate.place, '')}".strip()
    console.print(Text.assemble((place, style), f"  {visible(fate.sentence)}"))
    copies = "" if fate.row.n_copies == 1 else f", {fate.row.n_copies} copies"
    console.print(f"a row of log {fate.row.source}{copies}", style="dim")
    if not fate.mapped:
        console.print("The mapping reads nothing from it.", style="yellow")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("column", "as the log says it", "read as"):
        table.add_column(name, overflow="fold")
    for name in dict.fromkeys([*fate.mapped, *fate.typed]):
        table.add_row(name, *(_value(name, values.get(name), hash_key) for values in (fate.mapped, fate.typed)))
    console.print(table)


def _value(name: str, value: object, hash_key: str | None) -> str:
    if value is None:
        return ""
    return shown(name, value, hash_key) if hash_key and name in PERSONAL else visible(str(value))
