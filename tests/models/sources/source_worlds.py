"""Pasts for tests of sources: of literal purchases, and of a shop in which everything happens."""

from datetime import date

import numpy as np
import pandas as pd

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Past, build_catalogue, build_item_days

CUT = date(2025, 6, 30)
N_USERS = 37  # other than the number of anything else, so that a table of users shows by its shape

PARAMS = {
    "als": {"factors": 4, "iterations": 3, "seed": 7},
    "baskets": {"n_neighbours": 5},
    "content": {},
    "ease": {"n_weights": 6},
    "item_item": {"n_neighbours": 5, "trend_power": 1.0},
    "new_items": {"new_days": 30},
    "next_days": {"horizon_days": 14, "cut_step_days": 14, "n_weights": 6},
    "popularity": {},
    "popularity_in_context": {"prior_days": 5.0},
    "repeat": {},
    "sequence": {"n_neighbours": 5},
    "taste": {"factors": 2, "segments": 2, "sweeps": 4, "min_users": 1},
    "trending": {},
}
"""Small ones, by kind."""


def bought(user, item, age, hour=10):
    """A purchase `age` days before the cut."""
    return _event(user, item, age, hour, (0, 0, 0, 1, 5.0))


def looked(user, item, age, hour=9, weight=1.0):
    """An event of some weight that is no purchase."""
    return _event(user, item, age, hour, (1, 1, 0, 0, weight))


def _event(user, item, age, hour, counts):
    day = pd.Timestamp(CUT) - pd.Timedelta(days=age)
    return (user, item, day, day + pd.Timedelta(hours=hour), *counts)


def past_of(events, titles=None, categories=None, places=None, cut=CUT):
    """All up to the end of the cut; items with a title or a category are in the catalogue without an event too."""
    rows = pd.DataFrame(events, columns=["user_id", "item_id", "event_day", "first_event_time", *COUNTS])
    daily = rows.assign(run_date=rows["event_day"], n_events=1, n_users=1, price=2.0)
    daily = daily.groupby(["run_date", "item_id"], as_index=False).agg(
        {"n_events": "sum", "n_purchases": "sum", "n_users": "sum", "price": "last"}
    )
    profiles = _profiles(titles or {}, categories or {})
    catalogue = build_catalogue(daily, profiles, pd.Timestamp(cut), 90)
    frame = pd.DataFrame([(u, *at) for u, at in (places or {}).items()], columns=["user_id", "country", "platform"])
    history = History.from_frame(rows, cut, "purchases", frame, items=catalogue.items)
    return Past(history, build_item_days(daily, pd.Timestamp(cut), catalogue.items), catalogue)


def _profiles(titles, categories):
    items = sorted({*titles, *categories})
    if not items:
        return None
    return pd.DataFrame(
        {
            "item_id": items,
            "title": [titles.get(item, "") for item in items],
            "category": [categories.get(item, "") for item in items],
            "price": 2.0,
            "is_available": True,
        }
    )


def shop_events(n_users=N_USERS, n_items=23, days=150, seed=3):
    """Visits of users with tastes: they look, buy some of it, and buy some of that again."""
    rng = np.random.default_rng(seed)
    events = []
    for user in range(n_users):
        taste = rng.dirichlet(np.full(n_items, 0.3))
        for age in np.flatnonzero(rng.random(days) < 0.1):
            for hour, item in enumerate(np.unique(rng.choice(n_items, size=4, p=taste))):
                is_new_item = item >= n_items - 3
                if is_new_item and age > 20:
                    continue
                make = bought if rng.random() < 0.7 else looked
                events.append(make(f"u{user:02d}", f"i{item:02d}", int(age), hour=8 + hour))
    return events


def shop(n_users=N_USERS, events=None):
    """The past of `shop_events`, with titles, categories, places, and two items that nobody has touched."""
    names = [f"i{item:02d}" for item in range(25)]
    return past_of(
        shop_events(n_users) if events is None else events,
        titles={item: f"{('red', 'blue', 'big')[n % 3]} thing" for n, item in enumerate(names)},
        categories={item: f"shelf {n % 4}" for n, item in enumerate(names)},
        places={f"u{user:02d}": (("NL", "SE", "")[user % 3], ("ios", "web")[user % 2]) for user in range(n_users)},
    )
