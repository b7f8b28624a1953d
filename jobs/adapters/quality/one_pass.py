"""Finds in one pass over a large Spark frame the expectations that no row breaks.

Great Expectations asks each condition and each key by a pass of its own, which on millions of rows takes longer than
the night's own work. Its answer is only needed where a row breaks an expectation, so all of them are counted
together first, and the library is asked about those alone that some row breaks, or that are of another kind.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from great_expectations.core import ExpectationValidationResult
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.sql import sql_name, sql_text

KEYS_ASKED = 16
"""In a large frame one key of so many is asked whether it comes twice, chosen by its hash: so are then its copies."""

LARGE = 1_000_000
"""Rows from which on not every key is asked."""

_ROWS = "all rows"
_UNIQUE = "expect_compound_columns_to_be_unique"
_COMPARISONS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

Kwargs = Mapping[str, Any]


def screen(frame: DataFrame, suite: Sequence[Any]) -> dict[str, Any]:
    """Successful results by name, of expectations that no row breaks.

    In a large frame not every key is asked: what writes a table makes its keys different, and an error there shows
    in each sixteenth of them too.
    """
    found = {each.meta["name"]: broken for each in suite if (broken := _broken(each)) is not None}
    counts = [F.expr(f"count_if({broken}) AS {sql_name(name)}") for name, broken in found.items()]
    row = frame.agg(F.count("*").alias(_ROWS), *counts).collect()[0]
    asked = KEYS_ASKED if row[_ROWS] >= LARGE else 1
    unbroken = {name for name in found if row[name] == 0}
    unbroken |= {each.meta["name"] for each in suite if _is_key(each) and not _repeated(frame, each, asked)}
    return {each.meta["name"]: _success(each) for each in suite if each.meta["name"] in unbroken}


def _success(expectation: Any) -> Any:
    return ExpectationValidationResult(success=True, expectation_config=expectation.configuration, result={})


def _is_key(expectation: Any) -> bool:
    return bool(expectation.configuration.type == _UNIQUE)


def _repeated(frame: DataFrame, expectation: Any, one_in: int) -> bool:
    keys = [sql_name(name) for name in expectation.configuration.kwargs["column_list"]]
    asked = frame.filter(f"pmod(xxhash64({', '.join(keys)}), {one_in}) = 0")
    return not asked.groupBy(*(F.expr(key) for key in keys)).count().filter("count > 1").isEmpty()


def _broken(expectation: Any) -> str | None:
    """SQL for a row that breaks it; None for kinds that are not told row by row."""
    configuration = expectation.configuration
    build = _KINDS.get(configuration.type)
    if build is None:
        return None
    broken = build(configuration.kwargs)
    condition = expectation.row_condition
    if condition is None:
        return broken
    applies = _condition(condition.dict())
    return None if applies is None else f"({applies}) AND ({broken})"


def _null(kwargs: Kwargs) -> str:
    return f"{sql_name(kwargs['column'])} IS NULL"


def _outside(kwargs: Kwargs) -> str:
    return _bounds(sql_name(kwargs["column"]), kwargs)


def _bounds(value: str, kwargs: Kwargs) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    below = [f"{value} {'<=' if kwargs.get('strict_min') else '<'} {low!r}D"] if low is not None else []
    above = [f"{value} {'>=' if kwargs.get('strict_max') else '>'} {high!r}D"] if high is not None else []
    return " OR ".join([*below, *above]) or "false"


def _not_in(kwargs: Kwargs) -> str:
    return f"{sql_name(kwargs['column'])} NOT IN ({_values(kwargs['value_set'])})"


def _length(kwargs: Kwargs) -> str:
    return _bounds(f"length({sql_name(kwargs['column'])})", kwargs)


def _not_greater(kwargs: Kwargs) -> str:
    return f"{sql_name(kwargs['column_A'])} {'<' if kwargs.get('or_equal') else '<='} {sql_name(kwargs['column_B'])}"


def _unequal(kwargs: Kwargs) -> str:
    return f"{sql_name(kwargs['column_A'])} <> {sql_name(kwargs['column_B'])}"


# Of each kind, as our suites use it: a missing value breaks only what asks for presence.
_KINDS: dict[str, Callable[[Kwargs], str]] = {
    "expect_column_values_to_not_be_null": _null,
    "expect_column_values_to_be_between": _outside,
    "expect_column_values_to_be_in_set": _not_in,
    "expect_column_value_lengths_to_be_between": _length,
    "expect_column_pair_values_a_to_be_greater_than_b": _not_greater,
    "expect_column_pair_values_to_be_equal": _unequal,
}


def _condition(tree: Mapping[str, Any]) -> str | None:
    """SQL for the rows that an expectation is about; None for conditions that our suites do not use."""
    kind = tree["type"]
    if kind in ("and", "or"):
        parts = [_condition(part) for part in tree["conditions"]]
        return None if None in parts else f" {kind.upper()} ".join(f"({part})" for part in parts)
    column = sql_name(tree["column"]["name"]) if "column" in tree else ""
    if kind == "nullity":
        return f"{column} IS {'' if tree['is_null'] else 'NOT '}NULL"
    if kind == "comparison" and tree["operator"] in ("IN", "NOT_IN"):
        return f"{column} {tree['operator'].replace('_', ' ')} ({_values(tree['parameter'])})"
    if kind == "comparison" and tree["operator"] in _COMPARISONS:
        return f"{column} {_COMPARISONS[tree['operator']]} {_values([tree['parameter']])}"
    return None


def _values(values: Sequence[Any]) -> str:
    return ", ".join(sql_text(value) if isinstance(value, str) else repr(value) for value in values)
