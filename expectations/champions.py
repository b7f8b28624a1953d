"""Suite of `champions`: the only place where a stage looks up what serves."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled, in_set
from jobs.core.config.model import Settings
from jobs.datasets.predictions import PREDICTIONS

DECISIONS = ("promoted", "refused", "kept", "copied", "by_hand")


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per role."""
    return [
        in_set(
            "role",
            ("recommender", *PREDICTIONS),
            f"{settings.app} serves no other role",
        ),
        in_set("decision", DECISIONS, "another word would be read by nobody"),
        in_set("by", ("gate", "hand"), "a champion of neither cannot be traced"),
        filled("model", "a champion is a model's content name"),
        filled("reason", "a decision is told with its numbers", "warning"),
    ]
