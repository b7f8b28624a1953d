"""Purchases by users of a few tastes, and what they bought next: small, and far from random."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from jobs.datasets.history import History
from jobs.datasets.past import Catalogue, ItemDays, Past
from jobs.models.factors import factor_top_k
from jobs.models.sources.als import Als

CUT = date(2025, 2, 28)
TASTES, ITEMS_PER_TASTE, USERS, BOUGHT, NOISE = 6, 20, 300, 5, 3


def planted_rows(seed: int = 3) -> tuple[pd.DataFrame, dict[str, set[str]]]:
    """Rows of `user_item_daily` up to the cut, and for each user the rest of what they want of their taste."""
    rng = np.random.default_rng(seed)
    rows, wanted = [], {}
    for number in range(USERS):
        user, taste = f"u{number:03d}", number % TASTES
        chosen = rng.permutation(ITEMS_PER_TASTE)
        own = [f"i{taste}-{item:02d}" for item in chosen[:BOUGHT]]
        noise = {f"i{rng.integers(TASTES)}-{rng.integers(ITEMS_PER_TASTE):02d}" for _ in range(NOISE)}
        rows += [
            _row(user, item, int(rng.integers(0, 60)), int(rng.integers(1, 4))) for item in sorted({*own} | noise)
        ]
        wanted[user] = {f"i{taste}-{item:02d}" for item in chosen[BOUGHT:]} - noise
    return pd.DataFrame(rows), wanted


def _row(user: str, item: str, age: int, bought: int) -> dict[str, object]:
    day = CUT - timedelta(age)
    return {
        "user_id": user,
        "item_id": item,
        "event_day": day,
        "first_event_time": pd.Timestamp(day) + pd.Timedelta(hours=9),
        "n_shown": 0,
        "n_opened": 0,
        "n_wanted": 0,
        "n_purchases": bought,
        "weight": Decimal("5.0000") * bought,
    }


def past_of(rows: pd.DataFrame) -> Past:
    """All that a source is fitted to; nothing is known of the items but that they may be had."""
    history = History.from_frame(rows, CUT, "purchases")
    n, nothing = len(history.items), np.zeros(0)
    texts, ages = np.full(n, "", dtype=np.str_), np.zeros(n, dtype=np.int32)
    prices = np.full(n, np.nan, dtype=np.float32)
    catalogue = Catalogue(history.items, texts, texts, prices, ages, ages, np.ones(n, dtype=np.bool_))
    days = ItemDays(nothing.astype(np.int32), nothing.astype(np.int32), *(nothing.astype(np.float32),) * 3)
    return Past(history, days, catalogue)


def ndcg(source: Als, past: Past, wanted: dict[str, set[str]], k: int = 5) -> float:
    """Mean over users, of lists without what they had."""
    history = past.history
    lists = factor_top_k(source.user_factors(history), source.item_factors, k, history.matrix()).items
    relevant = [
        np.isin(own, list(wanted[user])) for user, own in zip(history.users, source.items[lists], strict=True)
    ]
    discount = 1 / np.log2(np.arange(2, k + 2))
    return float((np.array(relevant) @ discount).mean() / discount.sum())
