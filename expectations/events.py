"""Suite of `events`: what cleaning promised to every stage after it."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import at_most, in_range, in_set, named
from jobs.core.config.model import Settings

PRICED_SHARE = 0.9  # of purchases; some logs leave out the price of gifts, few leave out a tenth


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per clean event."""
    return [
        in_set("event_type", settings.events.weights, "an unknown type has no weight and is nobody's intent"),
        at_most("event_day", "run_date", "an event of tomorrow would be known before it happened"),
        in_range("price", "above clean.max_price it is a typing error", low=0, high=settings.clean.max_price),
        in_range(
            "quantity",
            "the event type says the direction, so pieces are positive; above clean.max_quantity an error",
            low=1,
            high=settings.clean.max_quantity,
        ),
        in_range("position", "a rank on a surface counts from 0", low=0),
        in_range("dwell_ms", "above clean.max_dwell_ms a clock was wrong", low=0, high=settings.clean.max_dwell_ms),
        in_range("propensity", "a probability of something that did happen", above=0, high=1),
        in_set("user_from", ("row", "anonymous_id", "device_id"), "a user is named by nothing else"),
        _has_item(settings),
        _has_visitor(),
        _purchase_has_price(),
    ]


def _has_item(settings: Settings) -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column="item_id",
        row_condition=Column("event_type").is_in(list(settings.events.needs_item)),
        severity="critical",
        meta=named("item_id_where_needed", "an event of a type in events.needs_item is about an item"),
    )


def _has_visitor() -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column="user_id",
        row_condition=Column("anonymous_id").is_null() & Column("device_id").is_null(),
        severity="critical",
        meta=named("visitor_known", "an event without user, anonymous id and device belongs to nobody"),
    )


def _purchase_has_price() -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column="price",
        row_condition=Column("event_type") == "purchase",
        mostly=PRICED_SHARE,
        severity="warning",
        meta=named("purchase_price_present", "revenue counts a purchase without a price as nothing"),
    )
