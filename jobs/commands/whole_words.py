"""Tables of a terminal in which words stay whole, also in 80 columns."""

from collections.abc import Collection, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table

_RIGHT = ("seconds", "raw", "clean", "rows", "ago", "age")


def table_of(names: Sequence[str], wraps: Collection[str], title: str = "") -> Table:
    """An empty table, of which only some columns are laid on several lines."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    if title:
        table.title, table.title_justify, table.title_style = title, "left", "bold"
    for name in names:
        justify: JustifyMethod = "right" if name in _RIGHT else "left"
        table.add_column(name, justify=justify, no_wrap=name not in wraps, overflow="fold")
    return table


def first_that_fits(console: Console, *tables: Table) -> Table:
    """The first table that the console has room for, else the last; with columns as wide as their words."""
    for table in tables[:-1]:
        if _least_width(console, with_whole_words(console, table)) <= console.width:
            return table
    return with_whole_words(console, tables[-1])


def with_whole_words(console: Console, table: Table) -> Table:
    """Keep columns wide enough: Rich narrows them through words, and those that do not wrap as well."""
    for column in table.columns:
        needs = [console.measure(cell) for cell in (column.header, *column.cells)]
        least = max(need.maximum if column.no_wrap else need.minimum for need in needs)
        column.min_width = max(least, column.min_width or 0)
    return table


def _least_width(console: Console, table: Table) -> int:
    """Measured on a console without an end: Rich takes no width for larger than the console's."""
    return console.measure(table, options=console.options.update(width=10**6)).minimum
