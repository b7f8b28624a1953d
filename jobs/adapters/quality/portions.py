"""Gives each expectation the part of a pandas frame that answers it.

Great Expectations copies all columns of its batch for each expectation, however few that one reads, and looks at
equal texts one by one. On a million rows that takes longer than making them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

SMALL = 100_000
"""Cells up to which a frame stays whole: copies of it cost less than a batch for each column, about 3 ms."""

_HEADER = "expect_table_columns_to_match_ordered_list"
_UNIQUE = "expect_compound_columns_to_be_unique"

# Of each row alone, or of the set of values: copies of a row change no yes or no, as long as no share is asked for.
_OF_VALUES = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_null",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_in_type_list",
        "expect_column_value_lengths_to_be_between",
        "expect_column_distinct_values_to_contain_set",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
    }
)

# As pandas names what it finds by looking at every value; of other objects equal ones may differ, as 1 and True do.
_CODED = frozenset({"string", "date"})

Portion = tuple[pd.DataFrame, list[Any]]
"""A frame, and the expectations that are asked of it."""


def whole_rows(frame: pd.DataFrame, suite: Sequence[Any]) -> Iterator[Portion]:
    """All rows of the columns that expectations read: enough to count and to show what breaks them."""
    for columns, asked in _by_columns(frame, suite).items():
        yield frame[list(columns)] if columns else _all_columns(frame, asked), asked


def telling_rows(frame: pd.DataFrame, suite: Sequence[Any]) -> Iterator[Portion]:
    """As few rows as give the same yes or no as all of them.

    Where expectations read nothing but texts, dates and whole numbers, each different row stands once. For a key all
    rows stand, with codes in place of texts and dates. The others are asked of `whole_rows`.
    """
    codes: dict[str, pd.Series] = {}
    for columns, asked in _by_columns(frame, suite).items():
        codes |= {name: _coded(frame[name]) for name in columns if name not in codes}
        coded = pd.DataFrame({name: codes[name] for name in columns}, index=frame.index)
        yield from _telling(frame, coded, asked)


def _telling(frame: pd.DataFrame, coded: pd.DataFrame, asked: Sequence[Any]) -> Iterator[Portion]:
    """The portions of expectations that read the same columns, `coded`; none where they may read any."""
    alike = len(coded.columns) > 0 and all(_are_alike(frame[name], coded[name]) for name in coded)
    of_values = [each for each in asked if alike and _is_of_values(each)]
    keys = [each for each in asked if len(coded.columns) > 0 and _kind(each) == _UNIQUE]
    told = {id(each) for each in (*of_values, *keys)}
    if of_values:
        yield coded.drop_duplicates().astype(dict(frame[list(coded)].dtypes)), of_values
    if keys:
        yield coded, keys
    yield from whole_rows(frame, [each for each in asked if id(each) not in told])


def _by_columns(frame: pd.DataFrame, suite: Sequence[Any]) -> dict[tuple[str, ...], list[Any]]:
    """Expectations by the columns that they read; without any where they may read all of them."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    for expectation in suite:
        columns = () if frame.size <= SMALL else _columns(expectation)
        # Only the whole frame can say that a column is not there, or twice.
        known = frame.columns.is_unique and set(columns) <= set(frame.columns)
        groups.setdefault(columns if known else (), []).append(expectation)
    return groups


def _all_columns(frame: pd.DataFrame, asked: Sequence[Any]) -> pd.DataFrame:
    """The frame, without its rows where only the header is read."""
    return frame.head(0) if all(_kind(each) == _HEADER for each in asked) else frame


def _coded(column: pd.Series) -> pd.Series:
    """Texts or dates as a category, which is looked through as fast as numbers; other columns as they are."""
    if column.dtype != object or pd.api.types.infer_dtype(column, skipna=True) not in _CODED:
        return column
    return column.astype("category")


def _are_alike(column: pd.Series, coded: pd.Series) -> bool:
    """Whether equal values of a column cannot be told apart; floats are as fast to ask as to compare."""
    return coded.dtype != column.dtype or (isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub")


def _columns(expectation: Any) -> tuple[str, ...]:
    """The columns that an expectation reads, its condition's too; none where that is not known."""
    kwargs = expectation.configuration.kwargs
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    if _kind(expectation) == _UNIQUE:
        named += kwargs["column_list"]
    condition = getattr(expectation, "row_condition", None)
    if condition is None:
        return tuple(dict.fromkeys(named))
    read = _condition_columns(condition.dict())
    return tuple(dict.fromkeys([*named, *read])) if named and read else ()


def _condition_columns(tree: Mapping[str, Any]) -> list[str]:
    """The columns of a condition; none where a part of it does not name one."""
    if "conditions" not in tree:
        return [tree["column"]["name"]] if "column" in tree else []
    parts = [_condition_columns(part) for part in tree["conditions"]]
    return [name for part in parts for name in part] if all(parts) else []


def _is_of_values(expectation: Any) -> bool:
    return _kind(expectation) in _OF_VALUES and "mostly" not in expectation.configuration.kwargs


def _kind(expectation: Any) -> str:
    return str(expectation.configuration.type)
