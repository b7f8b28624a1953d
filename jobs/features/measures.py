"""Measures: how a column of a rolling state follows from what arrives and from what leaves its window.

Each measure says which fields it takes from a daily row, how several rows of one key and day merge, what leaves
a window, and the step from one state to the next. All of it is SQL text over a row; `of` is any SQL over a row of
the daily table. A new kind of measure is one class here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from jobs.features.decay import SCALE, decayed_to
from jobs.features.histogram import n_packed, pack, unpack

ARRIVED = "arrived"
"""Field of every change: true where something arrived, false where something only left a window."""


@dataclass(frozen=True)
class Field:
    """One value of a change.

    Attributes
    ----------
    name
        Distinct within a state.
    arriving
        SQL over a row of the daily table.
    merge
        How the values of several rows of one key and day become one; nulls do not count.
    """

    name: str
    arriving: str
    merge: Literal["sum", "min", "max"]


@dataclass(frozen=True)
class Step:
    """Where the SQL of a step finds the state before, the change and its day.

    Attributes
    ----------
    state, change
        What stands before a column's or a field's name: ``s.`` or ``s_``.
    day
        SQL for the day of the change.
    half_lives
        Days, by dotted name of the setting.
    """

    state: str
    change: str
    day: str
    half_lives: Mapping[str, int]

    def before(self, column: str) -> str:
        """The column before the change; null for a new key."""
        return f"{self.state}{column}"

    def brought(self, field: str) -> str:
        """The change's field; null where there is none."""
        return f"{self.change}{field}"

    def if_arrived(self, then: str, otherwise: str) -> str:
        """One of two values; a change that only leaves a window counts as none."""
        return f"IF({self.brought(ARRIVED)}, {then}, {otherwise})"


class Measure(Protocol):
    """What a rolling state asks of each of its measures."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the state that it fills."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Fields of a change that it reads."""

    def leaving(self, days: int) -> dict[str, str]:
        """Its fields' values, as SQL over a daily row, when that row is `days` days old; else empty."""

    def step(self, at: Step) -> dict[str, str]:
        """SQL for its columns after a change."""


class _NoWindow:
    """A measure from which nothing leaves."""

    def leaving(self, days: int) -> dict[str, str]:
        """Nothing."""
        return {}


@dataclass(frozen=True)
class _OneColumn:
    """A measure that fills one column."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one."""
        return (self.column,)


@dataclass(frozen=True)
class Total(_OneColumn, _NoWindow):
    """Sum of all time; by default of the daily column of the same name."""

    of: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """What arrived."""
        return (Field(self.column, self.of or self.column, "sum"),)

    def step(self, at: Step) -> dict[str, str]:
        """Add."""
        return {self.column: _added(at.before(self.column), at.brought(self.column))}


@dataclass(frozen=True)
class Window(_OneColumn):
    """Sum over what arrived in the `days` days that end with the run date."""

    of: str
    days: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """What arrived, less what left."""
        return (Field(self.column, self.of, "sum"),)

    def leaving(self, days: int) -> dict[str, str]:
        """What arrived so many days ago, negative."""
        return {self.column: f"-({self.of})"} if days == self.days else {}

    def step(self, at: Step) -> dict[str, str]:
        """Add."""
        return {self.column: _added(at.before(self.column), at.brought(self.column))}


@dataclass(frozen=True)
class LastArrival(_OneColumn, _NoWindow):
    """Sum of the last day on which anything arrived: a window of one day, for whoever knows that day."""

    of: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """What arrived."""
        return (Field(self.column, self.of, "sum"),)

    def step(self, at: Step) -> dict[str, str]:
        """Replace."""
        return {
            self.column: at.if_arrived(f"coalesce({at.brought(self.column)}, 0)", at.before(self.column)),
        }


@dataclass(frozen=True)
class Earliest(_OneColumn, _NoWindow):
    """Smallest value; nulls do not count."""

    of: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """The day's smallest."""
        return (Field(self.column, self.of, "min"),)

    def step(self, at: Step) -> dict[str, str]:
        """The smaller one."""
        return {self.column: f"least({at.before(self.column)}, {at.brought(self.column)})"}


@dataclass(frozen=True)
class Newest(_OneColumn, _NoWindow):
    """Largest value; nulls do not count."""

    of: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """The day's largest."""
        return (Field(self.column, self.of, "max"),)

    def step(self, at: Step) -> dict[str, str]:
        """The larger one."""
        return {self.column: f"greatest({at.before(self.column)}, {at.brought(self.column)})"}


@dataclass(frozen=True)
class Latest(_OneColumn, _NoWindow):
    """Value of the daily column of the same name on the latest day of arrival that had one.

    Where several daily rows of a key may arrive on one day, `order` names the columns that rank them.
    """

    order: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The value, after the columns that rank it."""
        ranked = f"struct({', '.join((*self.order, self.column))})" if self.order else self.column
        return (Field(self.column, f"IF({self.column} IS NULL, NULL, {ranked})", "max"),)

    def step(self, at: Step) -> dict[str, str]:
        """Replace where there is one."""
        brought = at.brought(self.column) + (f".{self.column}" if self.order else "")
        return {self.column: f"coalesce({brought}, {at.before(self.column)})"}


@dataclass(frozen=True)
class Decayed(_NoWindow):
    """Sum that halves every `half_life` days; stored as of the day of the last arrival, in `as_of`.

    The half-life is the dotted name of a setting. Later days decay it when they read it. Several decayed
    sums of a state share one `as_of`.
    """

    column: str
    of: str
    as_of: str
    half_life: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The sum and its day."""
        return (self.column, self.as_of)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What arrived, in exact numbers."""
        return (Field(self.column, self.of, "sum"),)

    def step(self, at: Step) -> dict[str, str]:
        """Decay and add; a day on which nothing arrived leaves the value, and its day, as they were."""
        before, since = at.before(self.column), at.before(self.as_of)
        decayed = decayed_to(before, since, at.day, at.half_lives[self.half_life])
        brought = f"CAST({at.brought(self.column)} AS double)"
        added = f"round(coalesce({decayed}, 0D) + coalesce({brought}, 0D), {SCALE})"
        return {self.column: at.if_arrived(added, before), self.as_of: at.if_arrived(at.day, since)}


@dataclass(frozen=True)
class Gaps(_NoWindow):
    """Pauses between days: how many, their sum and the sum of their squares, in days.

    A pause ends with a day, `of`, after the newest one so far, which the measure `newest` holds. Days that
    came late end none.
    """

    count: str
    total: str
    squares: str
    of: str
    newest: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Number, sum, sum of squares."""
        return (self.count, self.total, self.squares)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The day's newest day."""
        return (Field(f"{self.count}_until", self.of, "max"),)

    def step(self, at: Step) -> dict[str, str]:
        """One pause more, where the day is a later one."""
        until, since = at.brought(f"{self.count}_until"), at.before(self.newest)
        pause = f"IF({until} > {since}, CAST(datediff({until}, {since}) AS bigint), 0L)"
        return {
            self.count: _added(at.before(self.count), f"IF({until} > {since}, 1L, 0L)"),
            self.total: _added(at.before(self.total), pause),
            self.squares: _added(at.before(self.squares), f"{pause} * {pause}"),
        }


@dataclass(frozen=True)
class LongGaps(_OneColumn, _NoWindow):
    """How many pauses, as `Gaps` knows them, take `least_days` and more."""

    of: str
    newest: str
    least_days: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """The day's newest day."""
        return (Field(f"{self.column}_until", self.of, "max"),)

    def step(self, at: Step) -> dict[str, str]:
        """One more, where the day is so much later."""
        pause = f"datediff({at.brought(self.fields[0].name)}, {at.before(self.newest)})"
        return {self.column: _added(at.before(self.column), f"IF({pause} >= {self.least_days}, 1L, 0L)")}


@dataclass(frozen=True)
class Histogram(_OneColumn, _NoWindow):
    """Counts by position, all time: an array of `size` longs; `of` is such an array of a daily row."""

    of: str
    size: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """The counts, packed."""
        packed = pack([f"({self.of})[{place}]" for place in range(self.size)])
        return tuple(Field(name, sql, "sum") for name, sql in zip(self._packed, packed, strict=True))

    @property
    def _packed(self) -> list[str]:
        return [f"{self.column}_{slot}" for slot in range(n_packed(self.size))]

    def step(self, at: Step) -> dict[str, str]:
        """Add, place by place."""
        counts = unpack([at.brought(name) for name in self._packed], self.size)
        before = at.before(self.column)
        added = (_added(f"{before}[{place}]", count) for place, count in enumerate(counts))
        return {self.column: f"array({', '.join(added)})"}


def _added(before: str, more: str) -> str:
    return f"coalesce({before}, 0) + coalesce({more}, 0)"
