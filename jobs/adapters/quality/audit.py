"""Audits one frame of one table: its schema, its suite and its volume. Light until it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from jobs.adapters.quality.outcome import Audit
from jobs.core.config.model import Settings
from jobs.core.table import Table

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame


def audit(
    frame: DataFrame | pd.DataFrame,
    table: Table,
    settings: Settings,
    run_dates: Sequence[date],
    trailing_rows: Sequence[int] = (),
) -> Audit:
    """Check a frame that was written but is not shown yet.

    The columns and types are checked first; where they are wrong nothing else can be asked. An empty
    frame has nothing to ask about but its volume.

    Parameters
    ----------
    frame
        The table's columns in order. A Spark frame is cached by the caller, since each group of
        expectations is a pass over it. With more than one run date, a column `run_date` stands among them.
    table
        Gives columns, types, nullability and key.
    settings
        Give the thresholds of the suite and `checks`.
    run_dates
        The run dates in the frame, at least one.
    trailing_rows
        Rows of the same table on earlier comparable days. Where there are any, for `events` of a single
        run date, the volume is checked: leave it out on a closed day.

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
    from expectations.registry import suite_of
    from jobs.adapters.quality import prepare
    from jobs.adapters.quality.document import build_document
    from jobs.adapters.quality.engine import validate
    from jobs.adapters.quality.from_schema import content_expectations, structure_expectations
    from jobs.adapters.quality.reading import read_failures
    from jobs.adapters.quality.volume import volume_expectations

    dates = tuple(sorted(run_dates))
    dated = prepare.with_run_date(frame, dates)
    rows = prepare.count_rows(dated)
    volume = volume_expectations(table, settings, dates, trailing_rows)
    structure = validate(dated, structure_expectations(table, dated))
    if rows and all(result.success for result in structure):
        suite = suite_of(table.name, settings)
        widened = prepare.widen(dated, table, suite.widen)
        content = validate(widened, [*volume, *content_expectations(table), *suite.expectations])
    else:
        content = validate(dated, volume)
    results = [*structure, *content]
    failures = read_failures(results, settings.tracking.hash_key)
    found = Audit(table.name, dates, rows, failures, {}, settings.checks.accept)
    return replace(found, document=build_document(found, results))
