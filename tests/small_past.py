"""Small pasts for tests of recommenders, from one line per purchase."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.datasets.history import History
from jobs.datasets.past import Past, Window, build_catalogue, build_item_days

Bought = tuple[str, str, str]
"""User, item, day."""


def events_of(rows: Sequence[Bought]) -> pd.DataFrame:
    """Rows of `user_item_daily`, one purchase each."""
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "day"])
    day = pd.to_datetime(frame["day"])
    return frame.assign(
        event_day=day,
        first_event_time=day + pd.Timedelta(hours=10),
        n_shown=0,
        n_opened=0,
        n_wanted=0,
        n_purchases=1,
        weight=5.0,
    )


def past_of(events: pd.DataFrame, cut: date, prices: dict[str, float] | None = None) -> Past:
    """All up to the end of the cut."""
    end = pd.Timestamp(cut)
    known = events[events["event_day"] <= end]
    daily = known.groupby(["item_id", "event_day"], as_index=False).agg(
        n_events=("user_id", "size"), n_purchases=("n_purchases", "sum"), n_users=("user_id", "nunique")
    )
    daily = daily.rename(columns={"event_day": "run_date"})
    daily["price"] = daily["item_id"].map(prices or {}).fillna(2.0).astype(float)
    catalogue = build_catalogue(daily, None, end, available_days=90)
    history = History.from_frame(known, cut, "purchases", items=catalogue.items)
    return Past(history, build_item_days(daily, end, catalogue.items), catalogue)


def window_of(events: pd.DataFrame, cut: date, horizon_days: int = 14) -> Window:
    """A label window: its past, and what was bought in the days after the cut."""
    past = past_of(events, cut)
    start = pd.Timestamp(cut)
    later = events[(events["event_day"] > start) & (events["event_day"] <= start + pd.Timedelta(days=horizon_days))]
    known = later["user_id"].isin(past.history.users) & later["item_id"].isin(past.items)
    user = np.searchsorted(past.history.users, later.loc[known, "user_id"].to_numpy(dtype=np.str_))
    item = np.searchsorted(past.items, later.loc[known, "item_id"].to_numpy(dtype=np.str_))
    truth = csr_matrix((np.ones(len(user), np.float32), (user, item)), shape=past.history.shape)
    truth.sum_duplicates()
    truth.data[:] = 1
    return Window(past, truth)


LAST_DAY = date(2025, 5, 30)


def shop(n_users: int = 60, n_items: int = 40, days: int = 120, seed: int = 5) -> pd.DataFrame:
    """A shop in which each user has a taste of items, and buys some of them again."""
    rng = np.random.default_rng(seed)
    rows: list[Bought] = []
    first = LAST_DAY - timedelta(days=days)
    for user in range(n_users):
        taste = rng.dirichlet(np.full(n_items, 0.15))
        for day in np.flatnonzero(rng.random(days) < 0.12):
            for item in np.unique(rng.choice(n_items, size=3, p=taste)):
                rows.append((f"u{user:03d}", f"i{item:02d}", str(first + timedelta(days=int(day) + 1))))
    return events_of(rows)


def windows_of(events: pd.DataFrame, n: int, horizon_days: int = 14) -> list[Window]:
    """Label windows one after the other, newest first, the first one ending with the last day."""
    cuts = [LAST_DAY - timedelta(days=horizon_days * (k + 1)) for k in range(n)]
    return [window_of(events, cut, horizon_days) for cut in cuts]
