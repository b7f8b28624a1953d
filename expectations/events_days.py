"""Suite over the days of `events`: did about as much arrive as on comparable days, and is it of this day?"""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most_named
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per run date; closed days carry no limits and pass."""
    checks = settings.checks
    return [
        at_most_named(
            "volume",
            "least_rows",
            "n_rows",
            f"at least {checks.min_volume_share:g} of the median of the same open weekdays of {checks.volume_weeks} "
            "weeks before, and one row",
        ),
        at_most_named(
            "freshness",
            "stalest_allowed",
            "newest_event",
            f"the newest event is at most {checks.max_staleness_hours:g} hours before the midnight that ends the "
            "day; else the file is cut short, or that of another day",
        ),
    ]
