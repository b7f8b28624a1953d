"""Suite of `refunds`: what is taken back was bought before, and what could not be matched is not hidden."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import at_most, in_range, in_set, named
from jobs.core.config.model import Settings

MATCHED_BY = ("order", "latest", "none")
MATCHED_SHARE = 0.5  # of refunds; a log that begins in the middle of things matches few at first


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per refund or cancellation."""
    return [
        in_set("matched_by", MATCHED_BY, "a match of another kind is counted by nobody"),
        in_range("quantity", "the type says the direction, so pieces are positive", low=1),
        at_most("purchase_time", "event_time", "nothing is given back before it was bought"),
        gxe.ExpectColumnValuesToNotBeNull(
            column="purchase_id",
            row_condition=Column("matched_by").is_in(["order", "latest"]),
            severity="critical",
            meta=named("purchase_where_matched", "a match names the purchase that it found"),
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="purchase_id",
            mostly=MATCHED_SHARE,
            severity="warning",
            meta=named(
                "mostly_matched",
                f"purchases are looked for among those of {settings.clean.refund_days} days; the log is younger, or "
                "orders carry other ids",
            ),
        ),
    ]
