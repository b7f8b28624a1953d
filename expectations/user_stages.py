"""Suite of `user_stages`: stages that apps know, by rules that exist."""

from typing import get_args

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import in_range, in_set
from jobs.core.config.model import Settings
from jobs.core.config.profiles import StageName


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per known user who is not at rest."""
    return [
        in_set("stage", get_args(StageName), "apps act on these six"),
        in_range("rule", "the number of a rule of profiles.stages", low=1, high=len(settings.profiles.stages)),
    ]
