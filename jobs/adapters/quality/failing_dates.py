"""On which run dates of a back-fill an expectation fails: halves are asked, down to single dates."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from pyspark.sql import functions as F

from jobs.adapters.quality.engine import holds
from jobs.adapters.quality.prepare import RUN_DATE, Frame


def failing_dates(frame: Frame, suite: Sequence[Any], run_dates: Sequence[date]) -> dict[str, tuple[date, ...]]:
    """Run dates by name of the expectation.

    Parameters
    ----------
    frame
        As it was checked, with its `run_date`.
    suite
        Expectations that fail on the whole frame.
    run_dates
        Of the frame, ascending. One that fails on the whole alone is told with all of them.
    """
    found = _search(frame, suite, tuple(run_dates)) if len(run_dates) > 1 else {}
    return {name: found.get(name) or tuple(run_dates) for name in (each.meta["name"] for each in suite)}


def _search(frame: Frame, suite: Sequence[Any], run_dates: tuple[date, ...]) -> dict[str, tuple[date, ...]]:
    """What fails on these dates; `suite` is known to fail on more of them."""
    if not suite or not run_dates:
        return {}
    answers = holds(_on(frame, run_dates), suite)
    broken = [each for each in suite if not answers[each.meta["name"]]]
    if len(run_dates) == 1:
        return {each.meta["name"]: run_dates for each in broken}
    middle = len(run_dates) // 2
    parts = [_search(frame, broken, half) for half in (run_dates[:middle], run_dates[middle:])]
    return {each.meta["name"]: sum((part.get(each.meta["name"], ()) for part in parts), ()) for each in broken}


def _on(frame: Frame, run_dates: tuple[date, ...]) -> Frame:
    first, last = run_dates[0], run_dates[-1]
    if isinstance(frame, pd.DataFrame):
        return frame[(frame[RUN_DATE] >= first) & (frame[RUN_DATE] <= last)]
    return frame.filter(F.col(RUN_DATE).between(F.lit(first), F.lit(last)))
