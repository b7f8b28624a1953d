"""Which table has which suite; a suite is imported when its table is audited, and not before."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jobs.core.config.model import Settings

SUITES: dict[str, str] = {
    "raw_events": "expectations.raw_events",
    "events": "expectations.events",
    "quarantine": "expectations.quarantine",
    "ledger": "expectations.ledger",
    "sessions": "expectations.sessions",
    "user_status": "expectations.user_status",
    "user_daily": "expectations.user_daily",
    "user_activity": "expectations.user_activity",
    "item_popularity": "expectations.item_popularity",
    "user_item_affinity": "expectations.user_item_affinity",
    "recommender_training": "expectations.recommender_training",
    "churn_training": "expectations.churn_training",
    "champions": "expectations.champions",
    "recommendations": "expectations.recommendations",
    "predictions": "expectations.predictions",
}

if TYPE_CHECKING:
    import pandas as pd

Widen = Callable[["pd.DataFrame"], "pd.DataFrame"]


@dataclass(frozen=True)
class Suite:
    """The expectations of one table.

    Attributes
    ----------
    expectations
        Great Expectations' own objects, in the order in which they are reported.
    widen
        Adds columns that only the checks read, such as sums over rows. It takes the whole table as
        pandas, so only a table of few rows has one.
    """

    expectations: tuple[Any, ...] = ()
    widen: Widen | None = None


def suite_of(table: str, settings: Settings) -> Suite:
    """The suite of `table`; an empty one where its schema says all there is to say."""
    if table not in SUITES:
        return Suite()
    module = import_module(SUITES[table])
    return Suite(tuple(module.build(settings)), getattr(module, "widen", None))
