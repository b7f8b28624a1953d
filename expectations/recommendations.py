"""Suite of `recommendations`: what an app is about to show."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import filled, in_range, in_set, named, unique_together
from jobs.core.config.model import Settings
from jobs.core.surfaces import ANCHORED_REASONS, REASONS, SURFACES

ENTITIES = ("user", "segment", "context", "everybody", "item")


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per entity, key, surface and rank."""
    return [
        in_set("entity", ENTITIES, "the ladder has no other rung, and items have lists of their own"),
        in_set("surface", SURFACES, "no view of the online store holds another surface"),
        in_set("reason", REASONS, "an app has no words for another reason"),
        in_range("rank", "ranks count from 1 to lists.lake_items", low=1, high=settings.lists.lake_items),
        unique_together(
            "item_once_in_list",
            ("entity", "key", "surface", "item_id"),
            "a list that shows an item twice looks broken",
        ),
        filled("item_id", "an app cannot show an item without an id"),
        filled("key", "a list nobody asks for by name is never read"),
        filled("model", "every list names the model that made it"),
        _anchored(),
        _everybody(),
    ]


def _anchored() -> Expectation:
    return gxe.ExpectColumnValueLengthsToBeBetween(
        column="anchor",
        min_value=1,
        row_condition=Column("reason").is_in(list(ANCHORED_REASONS)),
        severity="critical",
        meta=named("anchor_where_named", f"{' and '.join(ANCHORED_REASONS)} are shown with the item they name"),
    )


def _everybody() -> Expectation:
    return gxe.ExpectColumnDistinctValuesToContainSet(
        column="entity",
        value_set=["everybody"],
        severity="critical",
        meta=named("everybody_has_a_list", "the last rung of the ladder answers where no other one does"),
    )
