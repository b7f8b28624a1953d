"""Suite of `recommender_training`: what a recommender learns from, and what judges it."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import in_range, in_set, named
from jobs.core.config.model import Settings

SPLITS = ("holdout_history", "holdout_truth", "full")


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per split, user and item."""
    days = settings.recommender.horizon_days
    return [
        in_set("split", SPLITS, "rows of another split are learned from by nobody"),
        in_range("weight", "a recommender reads a weight as confidence in a wish; none is no wish", above=0),
        gxe.ExpectColumnValuesToBeInSet(
            column="weight",
            value_set=[1.0],
            row_condition=Column("split") == "holdout_truth",
            severity="critical",
            meta=named("truth_weighs_one", f"what happened in the last {days} days is true, or not"),
        ),
    ]
