"""Suite of `churn_training`: users at risk, with a label that came after what the features know."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, in_range, in_set, named
from jobs.core.config.model import Settings
from jobs.datasets.churn_training import at_risk_days


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per cut and user at risk at that cut."""
    return [
        in_set("split", ("train", "holdout"), "rows of another split are learned from by nobody"),
        at_most("cut", "run_date", "features of a later day would know the label"),
        in_range(
            "days_since_event",
            "only a user with an event within churn.at_risk_days, else activity.days, is at risk",
            low=0,
            high=at_risk_days(settings) - 1,
        ),
        gxe.ExpectColumnUniqueValueCountToBeBetween(
            column="churned",
            min_value=2,
            severity="warning",
            meta=named("both_labels", "a model cannot learn to tell apart what it has seen one kind of"),
        ),
    ]
