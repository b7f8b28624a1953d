"""Suite of `predictions`: numbers that an app may act on."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled, in_range, in_set, named
from jobs.core.config.model import Settings
from jobs.datasets.predictions import PREDICTIONS


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per active user and prediction."""
    return [
        in_set("prediction", PREDICTIONS, "no view of the online store holds another prediction"),
        in_range("probability", "a probability", low=0, high=1),
        in_range("expected", "neither revenue nor days are negative", low=0),
        at_most("low", "expected", "the interval of an amount holds it"),
        at_most("expected", "high", "the interval of an amount holds it"),
        filled("model", "every prediction names the model that made it"),
        gxe.ExpectColumnUniqueValueCountToBeBetween(
            column="probability",
            min_value=2,
            severity="warning",
            meta=named(
                "probability_varies",
                f"one value for all users says nothing about the next {settings.churn.horizon_days} days",
            ),
        ),
    ]
