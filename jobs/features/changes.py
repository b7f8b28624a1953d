"""Changes of a state: what arrives on a day, and what leaves a window on it, from the rows of a daily table."""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.features.measures import ARRIVED, Field
from jobs.features.rolling_state import RollingState

DAY = "change_day"
_AGE = "age"


def field_names(state: RollingState) -> list[str]:
    """Fields of a change."""
    return [ARRIVED, *(field.name for field in _fields(state))]


def of_night(state: RollingState, daily: DataFrame, day: date) -> DataFrame:
    """One row per key that changes on `day`: its fields as `c_<field>`."""
    aged = daily.selectExpr("*", f"datediff(DATE'{day}', run_date) AS {_AGE}").filter(
        f"{_AGE} IN ({', '.join(map(str, (0, *state.window_lengths)))})"
    )
    rows = aged.selectExpr(*state.table.grain, *_values(state))
    merged = (F.expr(f"{how}({name}) AS c_{name}") for name, how in _merges(state).items())
    return rows.groupBy(*state.table.grain).agg(*merged)


def of_range(state: RollingState, daily: DataFrame, first: date, last: date) -> DataFrame:
    """One row per key: its changes from `first` to `last` as `changes`, structs of a day and its fields, by day."""
    ages = ", ".join(map(str, (0, *state.window_lengths)))
    aged = daily.selectExpr("*", f"explode(array({ages})) AS {_AGE}").selectExpr(
        "*", f"date_add(run_date, {_AGE}) AS {DAY}"
    )
    due = aged.filter(f"{DAY} BETWEEN DATE'{first}' AND DATE'{last}'")
    rows = due.selectExpr(*state.table.grain, DAY, *_values(state))
    merged = ", ".join(f"'{name}', {how}({name})" for name, how in _merges(state).items())
    per_day = rows.groupBy(*state.table.grain, DAY).agg(F.expr(f"named_struct({merged}) AS change"))
    ordered = F.expr(f"sort_array(collect_list(struct({DAY}, change))) AS changes")
    return per_day.groupBy(*state.table.grain).agg(ordered)


def _fields(state: RollingState) -> list[Field]:
    return [field for measure in state.measures for field in measure.fields]


def _merges(state: RollingState) -> dict[str, str]:
    return {ARRIVED: "max", **{field.name: field.merge for field in _fields(state)}}


def _values(state: RollingState) -> list[str]:
    """SQL for the fields of one daily row by its age; null where a row of that age does not touch a field."""
    by_age = {
        days: {name: sql for measure in state.measures for name, sql in measure.leaving(days).items()}
        for days in state.window_lengths
    }
    selected = [f"{_AGE} = 0 AS {ARRIVED}"]
    for field in _fields(state):
        left = {days: values[field.name] for days, values in by_age.items() if field.name in values}
        leaving = "".join(f" WHEN {days} THEN {sql}" for days, sql in left.items())
        selected.append(f"CASE {_AGE} WHEN 0 THEN {field.arriving}{leaving} END AS {field.name}")
    return selected
