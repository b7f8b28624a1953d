"""Rolling state: yesterday's state, what arrived since, and what leaves its windows.

One night and a back-fill run the same code: a night rolls over one day, a back-fill over many. For every
key the changes (arrivals, and what leaves a window some days later) are put in the order of their days and
folded one by one into the state; between two changes the state stays as it is. Sums are integers or
decimals and decayed values are rounded at each step, so both ways end in the same rows.

The expressions are SQL text: built as column objects they would cost thousands of calls into Java.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.table import Table
from jobs.features.decay import SCALE, decayed_to

_DAY = "change_day"
_ARRIVED = "arrived"


@dataclass(frozen=True)
class Total:
    """Sum of the daily column of the same name, all time."""

    column: str


@dataclass(frozen=True)
class Window:
    """Sum of the daily column `of` over the `days` days that end with the run date."""

    column: str
    of: str
    days: int


@dataclass(frozen=True)
class Earliest:
    """Smallest value of the daily column `of`."""

    column: str
    of: str


@dataclass(frozen=True)
class Newest:
    """Largest value of the daily column `of`; nulls do not count."""

    column: str
    of: str


@dataclass(frozen=True)
class Latest:
    """Value of the daily column of the same name on the latest day that had one."""

    column: str


@dataclass(frozen=True)
class Decayed:
    """Sum of the daily column `of`, halved every `half_life` days; stored as of the day in `as_of`.

    The half-life is the dotted name of a setting. Later days decay it when they read it.
    """

    column: str
    of: str
    as_of: str
    half_life: str


Measure = Total | Window | Earliest | Newest | Latest | Decayed


@dataclass(frozen=True)
class RollingState:
    """A state table and how each of its columns rolls.

    Attributes
    ----------
    table
        The state's table; its grain is the key.
    measures
        One for every other column; a `Decayed` fills two.
    """

    table: Table
    measures: tuple[Measure, ...]

    @property
    def window_lengths(self) -> tuple[int, ...]:
        """Distinct window lengths in days, ascending."""
        return tuple(sorted({measure.days for measure in self.measures if isinstance(measure, Window)}))


def roll_forward(
    state: RollingState,
    before: DataFrame,
    daily: DataFrame,
    first: date,
    last: date,
    half_lives: dict[str, int],
    keep_from: date | None = None,
) -> DataFrame:
    """State at the end of every day from `first` to `last`.

    Parameters
    ----------
    state
        What to roll.
    before
        The state's columns at the end of the day before `first`; empty before the first data.
    daily
        One row per key and `run_date` (day of arrival) with the measures' columns, for the days of the
        range and for those before it that leave a window within it; other days do not count.
    first, last
        Both included.
    half_lives
        Days, by dotted name of the setting.
    keep_from
        Days before it are rolled over but not returned.

    Returns
    -------
    DataFrame
        One row per key and `run_date`: the table's columns and `run_date`.
    """
    changes = _changes_by_key(state, daily, first, last)
    columns = ", ".join(_state_columns(state))
    start = before.selectExpr(*state.table.grain, f"struct({columns}) AS before")
    joined = start.join(changes, on=list(state.table.grain), how="full_outer")
    folded = joined.selectExpr(*state.table.grain, f"{_fold(state, half_lives, first)} AS states")
    return _spread(state, folded, first, last, keep_from or first)


def _state_columns(state: RollingState) -> list[str]:
    return [name for name in state.table.column_names if name not in state.table.grain]


def _types(state: RollingState) -> dict[str, str]:
    return {column.name: column.type.replace("long", "bigint") for column in state.table.columns}


def _changes_by_key(state: RollingState, daily: DataFrame, first: date, last: date) -> DataFrame:
    """One row per key: its changes within the range, in the order of their days."""
    arrivals = _arrivals(state, daily, first, last)
    leaving = [_leaving(state, daily, days, first, last) for days in state.window_lengths]
    union = reduce(DataFrame.unionByName, leaving, arrivals)
    fields = [_ARRIVED, *(measure.column for measure in state.measures)]
    # Sums add up; of the others at most one row a day, the arrival, has a value.
    summed = {measure.column for measure in state.measures if isinstance(measure, Total | Window)}
    merged = ", ".join(f"'{name}', {'sum' if name in summed else 'max'}({name})" for name in fields)
    per_day = union.groupBy(*state.table.grain, _DAY).agg(F.expr(f"named_struct({merged}) AS change"))
    ordered = F.expr(f"sort_array(collect_list(struct({_DAY}, change))) AS changes")
    return per_day.groupBy(*state.table.grain).agg(ordered)


def _arrivals(state: RollingState, daily: DataFrame, first: date, last: date) -> DataFrame:
    return daily.filter(f"run_date BETWEEN DATE'{first}' AND DATE'{last}'").selectExpr(
        *state.table.grain,
        f"run_date AS {_DAY}",
        f"true AS {_ARRIVED}",
        *(_cast(state, measure, _source(measure)) for measure in state.measures),
    )


def _leaving(state: RollingState, daily: DataFrame, days: int, first: date, last: date) -> DataFrame:
    """What the windows of one length lose: minus the arrivals of `days` days ago."""

    def value(measure: Measure) -> str:
        if isinstance(measure, Window) and measure.days == days:
            return f"-{measure.of}"
        return "0" if isinstance(measure, Total | Window) else "NULL"

    return daily.filter(f"date_add(run_date, {days}) BETWEEN DATE'{first}' AND DATE'{last}'").selectExpr(
        *state.table.grain,
        f"date_add(run_date, {days}) AS {_DAY}",
        f"false AS {_ARRIVED}",
        *(_cast(state, measure, value(measure)) for measure in state.measures),
    )


def _cast(state: RollingState, measure: Measure, value: str) -> str:
    return f"CAST({value} AS {_types(state)[measure.column]}) AS {measure.column}"


def _source(measure: Measure) -> str:
    return measure.column if isinstance(measure, Total | Latest) else measure.of


def _fold(state: RollingState, half_lives: dict[str, int], first: date) -> str:
    """SQL for the array of states, each from the day on which it begins; the first of them at `first`."""
    kinds = _types(state)
    fields = ", ".join(f"{name}: {kinds[name]}" for name in _state_columns(state))
    kind = f"struct<{_DAY}: date, {fields}>"
    old = ", ".join([f"'{_DAY}', DATE'{first}'", *(f"'{name}', before.{name}" for name in _state_columns(state))])
    start = f"IF(before IS NULL, CAST(array() AS array<{kind}>), array(CAST(named_struct({old}) AS {kind})))"
    # The state before is taken out of the array once, by a list of one: `s` is null for a new key.
    step = f"transform(array(try_element_at(states, -1)), s -> CAST({_step(state, half_lives)} AS {kind}))"
    return f"IF(changes IS NULL, {start}, aggregate(changes, {start}, (states, c) -> concat(states, {step})))"


def _step(state: RollingState, half_lives: dict[str, int]) -> str:
    """SQL for the state after change `c` of state `s`."""
    new: dict[str, str] = {}
    for measure in state.measures:
        new |= _step_measure(measure, half_lives)
    values = ", ".join(f"'{name}', {new[name]}" for name in _state_columns(state))
    return f"named_struct('{_DAY}', c.{_DAY}, {values})"


def _step_measure(measure: Measure, half_lives: dict[str, int]) -> dict[str, str]:
    """SQL by column; a decayed measure fills two."""
    name = measure.column
    before, change = f"s.{name}", f"c.change.{name}"
    match measure:
        case Total() | Window():
            return {name: f"coalesce({before}, 0) + coalesce({change}, 0)"}
        case Earliest():
            return {name: f"least({before}, {change})"}
        case Newest():
            return {name: f"greatest({before}, {change})"}
        case Latest():
            return {name: f"coalesce({change}, {before})"}
        case Decayed():
            # A day on which nothing arrived leaves the value, and its day, as they were.
            decayed = decayed_to(before, f"s.{measure.as_of}", f"c.{_DAY}", half_lives[measure.half_life])
            added = f"round(coalesce({decayed}, 0D) + coalesce({change}, 0D), {SCALE})"
            return {
                name: f"IF(c.change.{_ARRIVED}, {added}, {before})",
                measure.as_of: f"IF(c.change.{_ARRIVED}, c.{_DAY}, s.{measure.as_of})",
            }


def _spread(state: RollingState, folded: DataFrame, first: date, last: date, keep_from: date) -> DataFrame:
    """One row per key and day: each state holds until the day before the next one."""
    grain = state.table.grain
    until = f"coalesce(date_sub(try_element_at(states, i + 2).{_DAY}, 1), DATE'{last}')"
    spans = folded.selectExpr(
        *grain, f"inline(transform(states, (state, i) -> struct(state, {until} AS until)))"
    ).selectExpr(*grain, "state", f"greatest(state.{_DAY}, DATE'{keep_from}') AS since", "until")
    held = spans.filter("since <= until")
    run_dates = "explode(sequence(since, until))" if first != last else f"DATE'{last}'"
    days = held.selectExpr(f"{run_dates} AS run_date", *grain, "state")
    columns = [name if name in grain else f"state.{name} AS {name}" for name in state.table.column_names]
    return days.selectExpr("run_date", *columns)
