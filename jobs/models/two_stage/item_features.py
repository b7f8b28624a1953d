"""What is known of an item whoever asks: popularity, trend, who buys it and how often, age and price.

All of it is up to the end of the cut; nothing of the days after is read.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.datasets.past import ItemDays, Past

Values = npt.NDArray[np.float32]

HALF_LIVES_DAYS = (3, 7, 14, 30, 60, 120)  # from this week's fashion to the whole year
TRENDS_DAYS = ((3, 14), (7, 30), (14, 60), (30, 120))
OLD_DAYS = 120  # older is old: where a log begins, windows would differ by how much of it they saw
STEADY = 0.02  # purchases a day that an item has anyway: a trend out of two purchases is none
FIRST_HALF_LIFE_DAYS = 21  # of who buys for the first time: as long as a season's news
FIRST_TREND_DAYS = (7, 30)  # half-lives of first purchases of late, and of what they are held against
SHRINK = 5.0  # pairs of a prior; an item bought by fewer users says little of rebuying


def item_columns(past: Past) -> dict[str, Values]:
    """Name to shape (n_items,), float32."""
    return {
        **_popularity(past.days, len(past.items)),
        **_buyers(past.history),
        **_catalogue(past),
    }


def rebuy_gap_days(history: History) -> Values:
    """Shape (n_items,), float32: usual days between two purchases of the item by one user.

    Mean over neighbouring purchases of one pair, pulled to the mean of all items by `SHRINK` of them; the mean
    of all, or 30 where nobody bought twice.
    """
    goals = history.only_goals()
    again = (goals.user[1:] == goals.user[:-1]) & (goals.item[1:] == goals.item[:-1])
    gap = (goals.age[:-1] - goals.age[1:])[again].astype(np.float64)
    item = goals.item[1:][again]
    n_items = len(history.items)
    mean = gap.mean() if len(gap) else 30.0
    total = np.bincount(item, gap, minlength=n_items) + SHRINK * mean
    return (total / (np.bincount(item, minlength=n_items) + SHRINK)).astype(np.float32)


def _popularity(days: ItemDays, n_items: int) -> dict[str, Values]:
    columns: dict[str, Values] = {}
    bought = np.maximum(days.n_purchases, 0)
    for half_life in HALF_LIVES_DAYS:
        columns[f"item_share_{half_life}d"] = _share(days.decayed(bought, n_items, half_life))
    for short, long in TRENDS_DAYS:
        now = days.window(bought, n_items, short) / short + STEADY
        before = days.window(bought, n_items, long, skip=short) / long + STEADY
        columns[f"item_trend_{short}d_{long}d"] = (now / before).astype(np.float32)
    columns["item_events_7d"] = _share(days.decayed(days.n_events, n_items, 7))
    columns["item_users_14d"] = _share(days.decayed(days.n_users, n_items, 14))
    return columns


def _buyers(history: History) -> dict[str, Values]:
    goals = history.only_goals()
    n_items = len(history.items)
    is_first = np.ones(len(goals.user), dtype=np.bool_)
    is_first[1:] = (goals.user[1:] != goals.user[:-1]) | (goals.item[1:] != goals.item[:-1])
    faded = np.exp2(-goals.age / FIRST_HALF_LIFE_DAYS)
    first = np.bincount(goals.item, faded * is_first, minlength=n_items)
    again = np.bincount(goals.item, faded * ~is_first, minlength=n_items)
    buyers = np.bincount(goals.item[is_first], minlength=n_items)
    returned = np.bincount(goals.item, ~is_first, minlength=n_items)
    breadth = np.bincount(goals.user, is_first, minlength=len(history.users))
    of_buyers = np.bincount(goals.item[is_first], np.log1p(breadth[goals.user[is_first]]), minlength=n_items)
    late, base = (
        np.bincount(goals.item[is_first], np.exp2(-goals.age[is_first] / days) / days, minlength=n_items)
        for days in FIRST_TREND_DAYS
    )
    return {
        "item_first_trend": ((late + STEADY) / (base + STEADY)).astype(np.float32),
        "item_first_share": _share(first),
        "item_again_share": _share(again),
        "item_first_part": (first / (first + again + 0.1)).astype(np.float32),
        "item_again_rate": (again / (buyers + SHRINK)).astype(np.float32),
        "item_rebuys": (returned / (buyers + SHRINK)).astype(np.float32),
        "item_buyers_breadth": (of_buyers / np.maximum(buyers, 1)).astype(np.float32),
        "item_rebuy_gap_days": rebuy_gap_days(history),
    }


def _catalogue(past: Past) -> dict[str, Values]:
    catalogue = past.catalogue
    return {
        "item_first_age_days": np.minimum(catalogue.first_age, OLD_DAYS).astype(np.float32),
        "item_last_age_days": np.minimum(catalogue.last_age, OLD_DAYS).astype(np.float32),
        "item_price": catalogue.price.astype(np.float32),
    }


def _share(values: npt.NDArray[Any]) -> Values:
    """Part of the sum, in thousandths: comparable between cuts of more and of less trade."""
    total = values.sum()
    return (1000 * values / (total if total > 0 else 1)).astype(np.float32)


def stacked(columns: Mapping[str, Values]) -> npt.NDArray[np.float32]:
    """Shape (n, n_columns), float32, in the order of the names."""
    return np.stack(list(columns.values()), axis=1).astype(np.float32)
