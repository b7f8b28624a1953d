"""The few shapes of expectation that suites repeat, each with a stable name and the reason for it.

A name is ``<column>_<shape>``; with the table in front it is what an operator writes into
``checks.accept``. The reason stands in Data Docs and in the error of a night that stopped.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning"]
Number = int | float | Decimal


def named(name: str, why: str) -> dict[str, str]:
    """The ``meta`` of an expectation: its stable name and why it is asked."""
    return {"name": name, "notes": why}


def in_range(
    column: str,
    why: str,
    *,
    low: Number | None = None,
    high: Number | None = None,
    above: Number | None = None,
    severity: Severity = "critical",
) -> Expectation:
    """Every value from `low` (or strictly above `above`) to `high`; nulls pass."""
    bound = low if above is None else above
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=None if bound is None else float(bound),
        max_value=None if high is None else float(high),
        strict_min=above is not None,
        severity=severity,
        meta=named(f"{column}_in_range", why),
    )


def in_set(
    column: str, values: Iterable[str] | Iterable[int], why: str, severity: Severity = "critical"
) -> Expectation:
    """Every value is one of `values`; nulls pass."""
    return gxe.ExpectColumnValuesToBeInSet(
        column=column,
        value_set=sorted(values),
        severity=severity,
        meta=named(f"{column}_in_set", why),
    )


def absent(name: str, column: str, why: str, severity: Severity = "critical") -> Expectation:
    """No row has a value: for columns of checks that say in words what is wrong."""
    return gxe.ExpectColumnValuesToBeNull(column=column, severity=severity, meta=named(name, why))


def filled(column: str, why: str, severity: Severity = "critical") -> Expectation:
    """No value is the empty text; nulls pass."""
    return gxe.ExpectColumnValueLengthsToBeBetween(
        column=column,
        min_value=1,
        severity=severity,
        meta=named(f"{column}_filled", why),
    )


def at_most(column: str, bound: str, why: str, severity: Severity = "critical") -> Expectation:
    """`column` is no larger than the column `bound` in the same row; rows where either is null pass."""
    return at_most_named(f"{column}_at_most_{bound}", column, bound, why, severity)


def at_most_named(name: str, column: str, bound: str, why: str, severity: Severity = "critical") -> Expectation:
    """As `at_most`, under a name of its own; the examples show both values."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=bound,
        column_B=column,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity=severity,
        meta=named(name, why),
    )


def equal(column: str, other: str, why: str, severity: Severity = "critical") -> Expectation:
    """Both columns agree in every row; rows where either is null pass."""
    return gxe.ExpectColumnPairValuesToBeEqual(
        column_A=column,
        column_B=other,
        ignore_row_if="either_value_is_missing",
        severity=severity,
        meta=named(f"{column}_equal_{other}", why),
    )


def parallel_lists(items: str, values: str, count: str, most: int, setting: str) -> list[Expectation]:
    """Two lists that are read side by side, seen by their lengths: from one entry to a setting's number of them."""
    return [
        in_range(items, f"a row has a first entry, and at most {setting}", low=1, high=most),
        equal(items, values, "the two lists are read side by side"),
        at_most(items, count, "the list is a part of all there are"),
    ]


def unique_together(name: str, columns: Iterable[str], why: str, severity: Severity = "critical") -> Expectation:
    """No two rows of one run date share the values of `columns`."""
    return gxe.ExpectCompoundColumnsToBeUnique(
        column_list=["run_date", *columns],
        severity=severity,
        meta=named(name, why),
    )


def ascending(columns: Iterable[str], why: str, severity: Severity = "critical") -> list[Expectation]:
    """Each column is at most the next one: for windows that contain each other, shortest first."""
    return [at_most(low, high, why, severity) for low, high in pairwise(columns)]
