"""Is there about as much of today as of comparable days?"""

from collections.abc import Sequence
from datetime import date
from math import ceil
from statistics import median

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import named
from jobs.core.config.model import Settings
from jobs.core.table import Table

WATCHED = "events"


def volume_expectations(
    table: Table, settings: Settings, run_dates: Sequence[date], trailing_rows: Sequence[int]
) -> list[Expectation]:
    """At least `checks.min_volume_share` of the median of the trailing days, and at least one row.

    Only for the `events` of one run date, and only where there is a day to compare with.
    """
    if table.name != WATCHED or len(run_dates) != 1 or not trailing_rows:
        return []
    share, usual = settings.checks.min_volume_share, median(trailing_rows)
    why = f"the median of {len(trailing_rows)} like days is {usual:g} rows, of which {share:g} must come"
    return [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=max(1, ceil(share * usual)), severity="critical", meta=named("volume", why)
        )
    ]
