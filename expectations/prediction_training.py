"""Suite of `prediction_training`: users at risk, with a target that came after what the features know."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, in_range, in_set, named
from jobs.core.config.model import Settings
from jobs.datasets.predictions import PREDICTIONS, at_risk_days


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per prediction, cut and user at risk at that cut."""
    return [
        in_set("prediction", PREDICTIONS, "nobody learns another prediction"),
        in_set("split", ("train", "between", "holdout", "fresh"), "rows of another split are learned from by nobody"),
        at_most("cut", "run_date", "features of a later day would know the label"),
        in_range("target", "no label is negative", low=0),
        in_range("order_target", "no label is negative", low=0),
        in_range(
            "days_since_event",
            "only a user with an event within churn.at_risk_days, else activity.days, is at risk",
            low=0,
            high=at_risk_days(settings) - 1,
        ),
        gxe.ExpectColumnUniqueValueCountToBeBetween(
            column="target",
            min_value=2,
            severity="warning",
            meta=named("target_varies", "a model cannot learn to tell apart what it has seen one kind of"),
        ),
    ]
