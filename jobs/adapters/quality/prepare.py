"""Makes a frame askable: every frame has its run date, and lists are seen by their length."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.table import Table

RUN_DATE = "run_date"
Frame = DataFrame | pd.DataFrame
Widen = Callable[[pd.DataFrame], pd.DataFrame]


def with_run_date(frame: Frame, run_dates: Sequence[date]) -> Frame:
    """The frame with `run_date` as its first column, so that suites ask a night and a back-fill alike.

    Raises
    ------
    ValueError
        If there is no run date, or several and the frame does not say which row is whose.
    """
    names = [name for name in frame.columns if name != RUN_DATE]
    if len(names) == len(frame.columns) and len(run_dates) != 1:
        raise ValueError(f"a frame of {len(run_dates)} run dates needs a column {RUN_DATE!r}; it has {names}")
    if isinstance(frame, pd.DataFrame):
        return frame[[RUN_DATE, *names]] if RUN_DATE in frame.columns else _added(frame, 0, {RUN_DATE: run_dates[0]})
    column = F.col(RUN_DATE) if RUN_DATE in frame.columns else F.lit(run_dates[0])
    return frame.select(column.alias(RUN_DATE), *names)


def count_rows(frame: Frame) -> int:
    """Rows of the frame; on Spark one pass."""
    return len(frame) if isinstance(frame, pd.DataFrame) else frame.count()


def widen(frame: Frame, table: Table, suite_widen: Widen | None) -> Frame:
    """Add what only checks read: ``<list>_length`` for each list, then the suite's own columns."""
    if suite_widen is not None:
        frame = suite_widen(frame if isinstance(frame, pd.DataFrame) else frame.toPandas())
    lists = [column.name for column in table.columns if column.type.startswith("array")]
    if isinstance(frame, pd.DataFrame):
        lengths = {f"{name}_length": frame[name].map(len, na_action="ignore") for name in lists}
        return _added(frame, len(frame.columns), lengths)
    return frame.select("*", *(F.size(name).alias(f"{name}_length") for name in lists))


def _added(frame: pd.DataFrame, place: int, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with more columns from a place on; the others are shared with it, since a check changes none."""
    wide = frame.copy(deep=False)
    for offset, (name, values) in enumerate(columns.items()):
        wide.insert(place + offset, name, values)
    return wide
