"""Suite of `user_status`: it decides who may be served, so it knows three words only."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import in_set
from jobs.core.config.model import Settings

STATUSES = ("active", "opted_out", "deleted")


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per user who ever changed status."""
    why = f"{settings.app} would serve a user who opted out under a word that it does not know"
    return [in_set("status", STATUSES, why)]
