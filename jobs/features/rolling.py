"""Rolling state: yesterday's state, what arrived since, and what leaves its windows.

One night and a back-fill run the same code: a night rolls over one day, a back-fill over many. For every
key the changes (arrivals, and what leaves a window some days later) are put in the order of their days and
folded one by one into the state; between two changes the state stays as it is. Sums are integers or
decimals and decayed values are rounded at each step, so both ways end in the same rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from pyspark.sql import Column as Expression
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
    start = before.select(*state.table.grain, F.struct(*_state_columns(state)).alias("before"))
    joined = start.join(changes, on=list(state.table.grain), how="full_outer")
    states = joined.withColumn("states", _fold(state, half_lives, first)).drop("before", "changes")
    return _spread(state, states, first, last, keep_from or first)


def _state_columns(state: RollingState) -> list[str]:
    return [name for name in state.table.column_names if name not in state.table.grain]


def _changes_by_key(state: RollingState, daily: DataFrame, first: date, last: date) -> DataFrame:
    """One row per key: its changes within the range, in the order of their days."""
    arrivals = _arrivals(state, daily, first, last)
    leaving = [_leaving(state, daily, days, first, last) for days in state.window_lengths]
    union = reduce(lambda left, right: left.unionByName(right), leaving, arrivals)
    fields = [name for name in union.columns if name not in (*state.table.grain, _DAY)]
    per_day = union.groupBy(*state.table.grain, _DAY).agg(*(_merge_field(state, name) for name in fields))
    change = F.struct(_DAY, *fields)
    return per_day.groupBy(*state.table.grain).agg(F.sort_array(F.collect_list(change)).alias("changes"))


def _merge_field(state: RollingState, name: str) -> Expression:
    """Sums add up; of the others at most one row a day, the arrival, has a value."""
    summed = {measure.column for measure in state.measures if isinstance(measure, Total | Window)}
    return (F.sum(name) if name in summed else F.max(name)).alias(name)


def _arrivals(state: RollingState, daily: DataFrame, first: date, last: date) -> DataFrame:
    return daily.filter(F.col("run_date").between(F.lit(first), F.lit(last))).select(
        *state.table.grain,
        F.col("run_date").alias(_DAY),
        F.lit(True).alias(_ARRIVED),
        *(_daily_value(state, measure).alias(measure.column) for measure in state.measures),
    )


def _leaving(state: RollingState, daily: DataFrame, days: int, first: date, last: date) -> DataFrame:
    """What the windows of one length lose: minus the arrivals of `days` days ago."""

    def value(measure: Measure) -> Expression:
        counts = _daily_value(state, measure)
        lost = isinstance(measure, Window) and measure.days == days
        return -counts if lost else _nothing(state, measure)

    gone = F.date_add("run_date", days)
    return daily.filter(gone.between(F.lit(first), F.lit(last))).select(
        *state.table.grain,
        gone.alias(_DAY),
        F.lit(False).alias(_ARRIVED),
        *(value(measure).alias(measure.column) for measure in state.measures),
    )


def _source(measure: Measure) -> str:
    return measure.column if isinstance(measure, Total | Latest) else measure.of


def _daily_value(state: RollingState, measure: Measure) -> Expression:
    return F.col(_source(measure)).cast(_type_of(state, measure))


def _nothing(state: RollingState, measure: Measure) -> Expression:
    empty = F.lit(0) if isinstance(measure, Total | Window) else F.lit(None)
    return empty.cast(_type_of(state, measure))


def _type_of(state: RollingState, measure: Measure) -> str:
    kinds = {column.name: column.type for column in state.table.columns}
    return kinds[measure.column].replace("long", "bigint")


def _struct_type(state: RollingState) -> str:
    kinds = {column.name: column.type for column in state.table.columns}
    fields = [f"{_DAY}: date", *(f"{name}: {kinds[name]}" for name in _state_columns(state))]
    return f"struct<{', '.join(fields).replace('long', 'bigint')}>"


def _fold(state: RollingState, half_lives: dict[str, int], first: date) -> Expression:
    """Array of structs: the state from each day on which it changes, the first of them at `first`."""
    kind = _struct_type(state)
    old = F.struct(F.lit(first).alias(_DAY), *(F.col(f"before.{name}").alias(name) for name in _state_columns(state)))
    start = F.when(F.col("before").isNotNull(), F.array(old.cast(kind))).otherwise(F.array().cast(f"array<{kind}>"))

    def merge(states: Expression, change: Expression) -> Expression:
        return F.concat(
            states, F.array(_step(state, half_lives, F.try_element_at(states, F.lit(-1)), change).cast(kind))
        )

    changes = F.coalesce("changes", F.expr("filter(changes, c -> false)"))
    return F.when(changes.isNull(), start).otherwise(F.aggregate(changes, start, merge))


def _step(state: RollingState, half_lives: dict[str, int], old: Expression, change: Expression) -> Expression:
    """The state after one change; `old` is null before the first."""
    fields = [change[_DAY].alias(_DAY)]
    for measure in state.measures:
        fields += _step_measure(measure, half_lives, old, change)
    order = {name: position for position, name in enumerate([_DAY, *_state_columns(state)])}
    names = [_DAY, *(name for measure in state.measures for name in _columns_of(measure))]
    ordered = [field for _, field in sorted(zip(names, fields, strict=True), key=lambda pair: order[pair[0]])]
    return F.struct(*ordered)


def _columns_of(measure: Measure) -> tuple[str, ...]:
    return (measure.column, measure.as_of) if isinstance(measure, Decayed) else (measure.column,)


def _step_measure(
    measure: Measure, half_lives: dict[str, int], old: Expression, change: Expression
) -> list[Expression]:
    name = measure.column
    before, new = old[name], change[name]
    if isinstance(measure, Decayed):
        return _step_decayed(measure, half_lives[measure.half_life], old, change)
    rules: dict[type[Measure], Callable[[], Expression]] = {
        Total: lambda: F.coalesce(before, F.lit(0)) + F.coalesce(new, F.lit(0)),
        Window: lambda: F.coalesce(before, F.lit(0)) + F.coalesce(new, F.lit(0)),
        Earliest: lambda: F.least(before, new),
        Newest: lambda: F.greatest(before, new),
        Latest: lambda: F.coalesce(new, before),
    }
    return [rules[type(measure)]().alias(name)]


def _step_decayed(measure: Decayed, half_life: int, old: Expression, change: Expression) -> list[Expression]:
    """Decay to the day of the change and add; a day on which nothing arrived leaves it as it was."""
    decayed = decayed_to(old[measure.column], old[measure.as_of], change[_DAY], half_life)
    added = F.round(F.coalesce(decayed, F.lit(0.0)) + F.coalesce(change[measure.column], F.lit(0.0)), SCALE)
    return [
        F.when(change[_ARRIVED], added).otherwise(old[measure.column]).alias(measure.column),
        F.when(change[_ARRIVED], change[_DAY]).otherwise(old[measure.as_of]).alias(measure.as_of),
    ]


def _spread(state: RollingState, states: DataFrame, first: date, last: date, keep_from: date) -> DataFrame:
    """One row per key and day: each state holds until the day before the next one."""
    ends = F.transform(
        "states",
        lambda current, index: F.struct(
            current.alias("state"),
            F.coalesce(
                F.date_sub(F.try_element_at(F.col("states"), (index + 2).cast("int"))[_DAY], 1),
                F.lit(last),
            ).alias("until"),
        ),
    )
    rows = states.select(*state.table.grain, F.explode(ends).alias("span"))
    start = F.greatest(F.col(f"span.state.{_DAY}"), F.lit(keep_from))
    spans = rows.withColumn("from_day", start).filter(F.col("from_day") <= F.col("span.until"))
    days = spans if first == last else spans.withColumn("run_date", F.explode(F.sequence("from_day", "span.until")))
    run_date = F.lit(last).alias("run_date") if first == last else F.col("run_date")
    by_name = {name: F.col(f"span.state.{name}") for name in _state_columns(state)}
    return days.select(run_date, *(by_name.get(name, F.col(name)).alias(name) for name in state.table.column_names))


def days_that_count(state: RollingState, first: date, last: date, first_data: date) -> list[date]:
    """Days of arrival that `roll_forward` needs: the range and what leaves a window within it."""
    days = {first + timedelta(n) for n in range((last - first).days + 1)}
    days |= {day - timedelta(length) for day in set(days) for length in state.window_lengths}
    return sorted(day for day in days if first_data <= day <= last)
