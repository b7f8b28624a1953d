"""Suite of `user_profiles`: nothing of tomorrow is known."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per user with a profile."""
    return [
        at_most("valid_from", "run_date", "a feature would see what was not known yet"),
        filled("user_id", f"{settings.app} could join it to nobody"),
    ]
