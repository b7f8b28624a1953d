"""Audits one frame of one table: its schema, its suite and its days. Light until it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from jobs.adapters.quality.days import Surroundings
from jobs.adapters.quality.outcome import Audit
from jobs.core.config.model import Settings
from jobs.core.table import Table

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

    from jobs.adapters.quality.engine import Result

    # Results in the order of their suite, and the run dates of those that fail.
    Answers = tuple[list[Result], dict[str, tuple[date, ...]]]


def audit(
    frame: DataFrame | pd.DataFrame,
    table: Table,
    settings: Settings,
    run_dates: Sequence[date],
    around: Surroundings | None = None,
    accepted: Mapping[str, frozenset[date]] | None = None,
) -> Audit:
    """Check a frame that was written but is not shown yet.

    The columns and types are checked first; where they are wrong nothing else can be asked. Of an empty
    frame only its days are asked.

    Parameters
    ----------
    frame
        The table's columns in order. A Spark frame reads files that are written, since some groups of
        expectations are a pass of their own. With more than one run date, a column `run_date` stands among them.
    table
        Gives columns, types, nullability and key.
    settings
        Give the calendar, the thresholds of the suite and `checks`.
    run_dates
        The run dates in the frame, at least one.
    around
        What the checks of days compare with; by default nothing is known.
    accepted
        Dates for which an operator released a check, by ``<table>.<expectation>``; `checks.accept`
        releases for all.

    Returns
    -------
    Audit
        The caller logs what is `reported` and calls `raise_if_critical`.

    Raises
    ------
    ValueError
        If `run_dates` is empty, or holds several dates and the frame has no column `run_date`.
    """
    # Great Expectations takes seconds to import; a stage that ends early must not pay for it.
    from jobs.adapters.quality import prepare
    from jobs.adapters.quality.document import build_document
    from jobs.adapters.quality.reading import read_failures

    dates = tuple(sorted(run_dates))
    dated = prepare.with_run_date(frame, dates)
    rows = prepare.count_rows(dated)
    results, failing = _results(dated, rows, table, settings, dates, around or Surroundings())
    failures = read_failures(results, settings.tracking.hash_key, failing, dates)
    released = {**(accepted or {}), **{name: frozenset(dates) for name in settings.checks.accept}}
    found = Audit(settings.app, table.name, dates, rows, failures, {}, released)
    return replace(found, document=build_document(found, results))


def _results(
    frame: Any, rows: int, table: Table, settings: Settings, dates: Sequence[date], around: Surroundings
) -> Answers:
    """What is asked of a table, from its shape to its content."""
    from expectations.registry import day_suite_of, suite_of
    from jobs.adapters.quality import prepare
    from jobs.adapters.quality.from_schema import content_expectations, structure_expectations

    results, failing = _asked(frame, structure_expectations(table, frame), ())
    if not all(result.success for result in results):
        return results, failing
    parts: list[Answers] = []
    days = day_suite_of(table.name, settings)
    if days:
        parts.append(_asked(_days(table, frame, dates, settings, around), days, dates))
    if rows:
        suite = suite_of(table.name, settings)
        widened = prepare.widen(frame, table, suite.widen)
        parts.append(_asked(widened, [*content_expectations(table), *suite.expectations], dates))
    for more_results, more_failing in parts:
        results, failing = [*results, *more_results], {**failing, **more_failing}
    return results, failing


def expectation_names(table: Table, settings: Settings) -> list[str]:
    """Names of all expectations of a table, sorted."""
    from expectations.registry import day_suite_of, suite_of
    from jobs.adapters.quality.from_schema import content_expectations, structure_names

    suites = [*content_expectations(table), *suite_of(table.name, settings).expectations]
    names = {each.meta["name"] for each in (*suites, *day_suite_of(table.name, settings))}
    return sorted(names | set(structure_names(table)))


def _asked(frame: Any, suite: Sequence[Any], dates: Sequence[date]) -> Answers:
    """Results in the order of the suite, and of those that fail the run dates, where several are given."""
    from jobs.adapters.quality.engine import validate
    from jobs.adapters.quality.failing_dates import failing_dates

    results = validate(frame, suite)
    failed = [each for each, result in zip(suite, results, strict=True) if not result.success]
    return results, failing_dates(frame, failed, dates) if failed and dates else {}


def _days(table: Table, frame: Any, dates: Sequence[date], settings: Settings, around: Surroundings) -> pd.DataFrame:
    from jobs.adapters.quality.days import event_days, item_days

    if table.name == "events":
        return event_days(frame, dates, settings, around)
    return item_days(frame, dates, around)
