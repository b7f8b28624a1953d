"""Tiny logs with planted tastes: every user comes across items of one of two kinds four times as often."""

from datetime import date

import numpy as np
import pandas as pd

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Past, build_catalogue, build_item_days

CUT = date(2025, 6, 30)
N_USERS, N_ITEMS, DAYS = 150, 24, 40
KINDS = 2
SHOWN_A_DAY, VISIT_CHANCE = 4, 0.25
NEW_ITEM = "i90"
"""In the catalogue, in the category of kind 0, and never shown."""


def kind_of_user(user):
    return user // 2 % KINDS  # so that every second user is of both kinds


def kind_of_item(item):
    return item % KINDS


def likes(kinds_match):
    """Chances of being opened, wanted and bought."""
    return (0.7, 0.5, 0.6) if kinds_match else (0.3, 0.2, 0.6)


def planted_events(seed=0, is_shown=True):
    """Rows of `user_item_daily`: user, item, days before the cut, counts."""
    rng = np.random.default_rng(seed)
    appeal = np.exp(rng.normal(0, 0.5, N_ITEMS))
    events = []
    for user in range(N_USERS):
        fits = np.array([kind_of_item(item) == kind_of_user(user) for item in range(N_ITEMS)])
        pull = appeal * np.where(fits, 4.0, 1.0)
        for age in np.flatnonzero(rng.random(DAYS) < VISIT_CHANCE):
            for item in np.unique(rng.choice(N_ITEMS, SHOWN_A_DAY, p=pull / pull.sum())):
                chances = likes(fits[item])
                opened, wanted, paid = np.cumprod(rng.random(3) < np.array(chances))
                events.append((f"u{user:03d}", f"i{item:02d}", int(age), (int(is_shown), opened, wanted, paid)))
    return events


def planted_past(seed=0, is_shown=True, events=None):
    """The past of `planted_events`; categories are the kinds."""
    return past_of(planted_events(seed, is_shown) if events is None else events)


def past_of(events):
    cut = pd.Timestamp(CUT)
    rows = pd.DataFrame(
        [(user, item, cut - pd.Timedelta(days=age), *counts, 1.0) for user, item, age, counts in events],
        columns=["user_id", "item_id", "event_day", *COUNTS],
    )
    rows["first_event_time"] = rows["event_day"]
    daily = rows.assign(run_date=rows["event_day"], n_events=1, n_users=1, price=2.0)
    daily = daily.groupby(["run_date", "item_id"], as_index=False).agg(
        {"n_events": "sum", "n_purchases": "sum", "n_users": "sum", "price": "last"}
    )
    ids = [f"i{item:02d}" for item in range(N_ITEMS)] + [NEW_ITEM]
    category = [f"kind {kind_of_item(item)}" for item in range(N_ITEMS)] + ["kind 0"]
    profiles = pd.DataFrame({"item_id": ids, "title": "", "category": category, "price": 2.0, "is_available": True})
    catalogue = build_catalogue(daily, profiles, cut, 90)
    history = History.from_frame(rows, CUT, "purchases", items=catalogue.items)
    return Past(history, build_item_days(daily, cut, catalogue.items), catalogue)
