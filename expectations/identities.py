"""Suite of `identities`: whose an anonymous or device id is, from when on."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import at_most, filled, in_set
from jobs.core.config.model import Settings

KINDS = ("anonymous_id", "device_id")


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per id that a user was seen with."""
    return [
        in_set("id_kind", KINDS, "an id of another kind joins nobody"),
        filled("id", "events without an id would all be one person's"),
        filled("user_id", "an id that is nobody's has no row"),
        at_most("since", "last_seen", "the user has the id for a stretch of time"),
    ]
