"""Which table has which suite; a suite is imported when its table is audited, and not before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jobs.core.config.model import Settings

SUITES: dict[str, str] = {
    "raw_events": "expectations.raw_events",
    "log_columns": "expectations.log_columns",
    "events": "expectations.events",
    "quarantine": "expectations.quarantine",
    "ledger": "expectations.ledger",
    "sessions": "expectations.sessions",
    "open_visits": "expectations.open_visits",
    "identities": "expectations.identities",
    "purchases": "expectations.purchases",
    "refunds": "expectations.refunds",
    "item_profiles": "expectations.item_profiles",
    "user_profiles": "expectations.user_profiles",
    "user_status": "expectations.user_status",
    "user_daily": "expectations.user_daily",
    "user_activity": "expectations.user_activity",
    "item_popularity": "expectations.item_popularity",
    "user_item_affinity": "expectations.user_item_affinity",
    "user_category_affinity": "expectations.user_category_affinity",
    "recommender_training": "expectations.recommender_training",
    "prediction_training": "expectations.prediction_training",
    "champions": "expectations.champions",
    "recommendations": "expectations.recommendations",
    "predictions": "expectations.predictions",
    "segments": "expectations.segments",
    "user_segments": "expectations.user_segments",
    "user_stages": "expectations.user_stages",
    "send_times": "expectations.send_times",
    "next_interests": "expectations.next_interests",
}

# Asked of one row per run date instead of the table's rows; see jobs/adapters/quality/days.py.
DAY_SUITES: dict[str, str] = {
    "events": "expectations.events_days",
    "item_daily": "expectations.item_daily_days",
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


def suite_modules(table: str) -> tuple[str, ...]:
    """Modules of the suites of a table; none where its schema says all there is to say."""
    return tuple(suites[table] for suites in (SUITES, DAY_SUITES) if table in suites)


def day_suite_of(table: str, settings: Settings) -> tuple[Any, ...]:
    """Expectations over the days of `table`; none where a day of it is no more than its rows."""
    return tuple(import_module(DAY_SUITES[table]).build(settings)) if table in DAY_SUITES else ()


def suite_of(table: str, settings: Settings) -> Suite:
    """The suite of `table`; an empty one where its schema says all there is to say."""
    if table not in SUITES:
        return Suite()
    module = import_module(SUITES[table])
    widen = getattr(module, "widen", None)
    return Suite(tuple(module.build(settings)), partial(widen, settings=settings) if widen else None)
