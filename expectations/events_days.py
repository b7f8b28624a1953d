"""Suite over the days of `events`: did each log bring about as much as on comparable days, of this day, all of it?"""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import absent
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per run date and log of events; on closed days only what is lost is told."""
    checks = settings.checks
    return [
        absent(
            "volume",
            "few_rows",
            f"of each log at least {checks.min_volume_share:g} of the median of the same open weekdays of "
            f"{checks.volume_weeks} weeks before, and one row",
        ),
        absent(
            "freshness",
            "stale_rows",
            f"the newest event of each log is at most {checks.max_staleness_hours:g} hours before the midnight that "
            "ends the day; else the file is cut short, or that of another day",
        ),
        absent(
            "complete",
            "lost_rows",
            "each clean row of the ledger is one event; else rows were lost or multiplied after they were counted",
        ),
    ]
