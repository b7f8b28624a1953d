"""Folding changes into states, and spreading states over the days on which they hold."""

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.features.changes import DAY
from jobs.features.measures import Step
from jobs.features.rest import RestRule
from jobs.features.rolling_state import RollingState


def column_types(state: RollingState) -> dict[str, str]:
    """Spark's types of the state's columns."""
    return {column.name: column.type.replace("long", "bigint") for column in state.table.columns}


def columns_after(state: RollingState, at: Step) -> list[str]:
    """SQL for the state's columns after a step, in order and cast to their types."""
    after: dict[str, str] = {}
    for measure in state.measures:
        after |= measure.step(at)
    types = column_types(state)
    return [f"CAST({after[name]} AS {types[name]}) AS {name}" for name in state.columns]


def newest(state: RollingState, rows: DataFrame) -> DataFrame:
    """One row per key of `rows`: its columns as of the latest arrival, as the struct `rested`."""
    names = [state.as_of, *(name for name in state.columns if name != state.as_of)]
    return rows.groupBy(*state.table.grain).agg(F.expr(f"max(struct({', '.join(names)})) AS rested"))


def fold(state: RollingState, joined: DataFrame, half_lives: Mapping[str, int], first: date) -> DataFrame:
    """Fold each key's changes into the state that it had.

    Parameters
    ----------
    joined
        One row per key: `changes`, `before` (where the key was at work) and `rested` (where it was at rest).
    first
        Day from which the state before holds.

    Returns
    -------
    DataFrame
        One row per key: `states`, each from its `change_day` until that of the next one.
    """
    started = joined.selectExpr("*", f"coalesce(before, {_as_struct(state, 'rested')}) AS start")
    return started.selectExpr(*state.table.grain, f"{_fold(state, half_lives, first)} AS states")


def at_work(state: RollingState, folded: DataFrame, rest: RestRule, last: date, keep_from: date) -> DataFrame:
    """One row per key and day from `keep_from` to `last` on which it is at work."""
    rest_day = f"date_add(state.{state.as_of}, {rest.days})"
    until = f"least(until, date_sub({rest_day}, 1))"
    held = _spans(state, folded, last).selectExpr(
        *state.table.grain, "state", f"greatest(since, DATE'{keep_from}') AS since", f"{until} AS until"
    )
    days = held.filter("since <= until").selectExpr(
        "explode(sequence(since, until)) AS run_date", *state.table.grain, "state"
    )
    return days.selectExpr("run_date", *_columns(state))


def at_rest(state: RollingState, folded: DataFrame, rest: RestRule, last: date, keep_from: date) -> DataFrame:
    """One row per key and day from `keep_from` to `last`: its first day at rest, and merge days while it rests."""
    rest_day = f"date_add(state.{state.as_of}, {rest.days})"
    since = f"greatest(since, {rest_day}, DATE'{keep_from}')"
    held = _spans(state, folded, last).selectExpr(
        *state.table.grain, "state", f"{rest_day} AS rest_day", f"{since} AS since", "until"
    )
    days = held.filter("since <= until").selectExpr(
        "explode(sequence(since, until)) AS run_date", *state.table.grain, "state", "rest_day"
    )
    written = days.filter(f"run_date = rest_day OR {rest.merges.is_merge('run_date')}")
    return written.selectExpr("run_date", *_columns(state))


def _spans(state: RollingState, folded: DataFrame, last: date) -> DataFrame:
    """One row per key and state: the days on which it holds."""
    next_day = f"try_element_at(states, i + 2).{DAY}"
    until = f"coalesce(date_sub({next_day}, 1), DATE'{last}')"
    spans = f"transform(states, (state, i) -> struct(state, {until} AS until))"
    return folded.selectExpr(*state.table.grain, f"inline({spans})").selectExpr(
        *state.table.grain, "state", f"state.{DAY} AS since", "until"
    )


def _columns(state: RollingState) -> list[str]:
    grain = state.table.grain
    return [name if name in grain else f"state.{name} AS {name}" for name in state.table.column_names]


def _as_struct(state: RollingState, name: str) -> str:
    """SQL for the struct `rested` with its fields in the order of the columns; null where it is null."""
    fields = ", ".join(f"'{column}', {name}.{column}" for column in state.columns)
    return f"IF({name} IS NULL, NULL, named_struct({fields}))"


def _fold(state: RollingState, half_lives: Mapping[str, int], first: date) -> str:
    """SQL for the array of states, each from the day on which it begins; the first of them at `first`."""
    types = column_types(state)
    kind = f"struct<{DAY}: date, {', '.join(f'{name}: {types[name]}' for name in state.columns)}>"
    old = ", ".join([f"'{DAY}', DATE'{first}'", *(f"'{name}', start.{name}" for name in state.columns)])
    begin = f"IF(start IS NULL, CAST(array() AS array<{kind}>), array(CAST(named_struct({old}) AS {kind})))"
    at = Step("s.", "c.change.", f"c.{DAY}", half_lives)
    after = f"struct(c.{DAY} AS {DAY}, {', '.join(columns_after(state, at))})"
    # The state before is taken out of the array once, by a list of one: `s` is null for a new key.
    step = f"transform(array(try_element_at(states, -1)), s -> CAST({after} AS {kind}))"
    return f"IF(changes IS NULL, {begin}, aggregate(changes, {begin}, (states, c) -> concat(states, {step})))"
