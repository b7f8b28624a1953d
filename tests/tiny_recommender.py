"""A tiny past of a few literal rows, and recommenders fitted to it."""

from datetime import date

import numpy as np
import pandas as pd

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Past, build_catalogue, build_item_days
from jobs.models.recommender import Recommender
from jobs.models.recommenders import load_recommender
from jobs.models.serving_facts import ServingFacts
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.sources.registry import create_source

CUT = date(2025, 3, 9)
USER = "planted-user"
ITEMS = tuple(f"item-{number}" for number in range(8))


def rows(n_users=12):
    """Users who bought and looked in a pattern: user u buys items u, u + 1 and u + 3 of eight, on some days."""
    made = []
    for user in range(n_users):
        for step, item in enumerate((user, user + 1, user + 3)):
            day = pd.Timestamp(CUT) - pd.Timedelta(days=(user * 3 + step * 2) % 9)
            counts = (2, 1, 1, int(step != 1), 5.0 if step != 1 else 3.0)
            made.append(
                (f"{USER}-{user:02d}", ITEMS[item % len(ITEMS)], day, day + pd.Timedelta(hours=user), *counts)
            )
    return pd.DataFrame(made, columns=["user_id", "item_id", "event_day", "first_event_time", *COUNTS])


def build_past(n_users=12) -> Past:
    told = rows(n_users)
    daily = told.assign(run_date=told["event_day"], n_events=1, n_users=1, price=2.0)
    daily = (
        daily.groupby(["run_date", "item_id"])[["n_events", "n_purchases", "n_users", "price"]].sum().reset_index()
    )
    catalogue = build_catalogue(daily, None, pd.Timestamp(CUT), 90)
    places = pd.DataFrame({"user_id": told["user_id"].unique(), "country": "NL", "platform": "web"})
    history = History.from_frame(told, CUT, "purchases", places, items=catalogue.items)
    return Past(history, build_item_days(daily, pd.Timestamp(CUT), catalogue.items), catalogue)


def build_recommender(past: Past, source: str = "item_item") -> Recommender:
    return SingleSourceRecommender(create_source(source).fit(past), source)


def build_facts(past: Past, unavailable: tuple[str, ...] = ()) -> ServingFacts:
    return ServingFacts("purchases", ~np.isin(past.items, np.array(unavailable, dtype=np.str_)))


def save(folder, past: Past, source: str = "item_item", unavailable: tuple[str, ...] = ()) -> Recommender:
    build_recommender(past, source).save(folder)
    build_facts(past, unavailable).save(folder)
    return load_recommender(folder)
