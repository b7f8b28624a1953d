"""Daily rows of the lake, and the pasts and label windows that are cut out of them."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.datasets.history import COUNTS, Goal, History, Ids
from jobs.datasets.past import Past, Window, build_catalogue, build_item_days

PAIR_COLUMNS = ("user_id", "item_id", "event_day", "first_event_time", *COUNTS)
"""Of `user_item_daily`."""

ITEM_COLUMNS = ("item_id", "n_events", "n_purchases", "n_users", "price")
"""Of `item_daily`."""

PROFILE_COLUMNS = ("item_id", "title", "category", "price", "is_available")
"""Of `item_profiles`."""

PLACE_COLUMNS = ("user_id", "country", "platform")
"""Of `user_activity`."""

_DRAW_KEY = "nightjar:learner"  # sixteen bytes, as the hash takes them


@dataclass(frozen=True)
class PastRules:
    """What of the rows counts.

    Attributes
    ----------
    goal
        What users are meant to do.
    history_days
        A history ends with its cut and is so long.
    available_days
        An item without an event for so many days cannot be had.
    """

    goal: Goal
    history_days: int
    available_days: int


@dataclass(frozen=True)
class CutRows:
    """What is known at the end of one cut alone.

    Attributes
    ----------
    profiles
        `PROFILE_COLUMNS`, one row per item; None where no log of items is read.
    places
        `PLACE_COLUMNS`, one row per user.
    """

    profiles: pd.DataFrame | None
    places: pd.DataFrame


@dataclass(frozen=True)
class DailyRows:
    """Rows that arrived on the days of one span, without users who asked to be deleted.

    Attributes
    ----------
    pairs
        One row per run_date, user, item and event_day: run_date and `PAIR_COLUMNS`, ascending by run_date.
    items
        One row per run_date and item: run_date and `ITEM_COLUMNS`, ascending by run_date.
    """

    pairs: pd.DataFrame
    items: pd.DataFrame

    @classmethod
    def without(cls, pairs: pd.DataFrame, items: pd.DataFrame, deleted: Set[str]) -> Self:
        """Leave deleted users out; what they did stays in the sums of items."""
        kept = pairs[~pairs["user_id"].isin(list(deleted))] if deleted else pairs
        return cls(kept, _plain(items))

    def drawn(self, most: int) -> Self:
        """The same with the pairs of about so many users, where there are more: those with the lowest hashes of ids.

        From night to night they are nearly the same, as an app grows too. What everybody did stays in the sums of
        items.
        """
        user = self.pairs["user_id"].astype("category").cat.remove_unused_categories()
        n_users = len(user.cat.categories)
        if n_users <= most:
            return self
        # Judges are drawn by the hash without this key: out of these users as out of all.
        hashed = pd.util.hash_array(user.cat.categories.to_numpy(dtype=object), hash_key=_DRAW_KEY)
        is_drawn = hashed < np.uint64(most * (2**64 // n_users))
        return type(self)(self.pairs[is_drawn[user.cat.codes]], self.items)

    def past(self, cut: date, known: CutRows, rules: PastRules, users: Ids | None = None) -> Past:
        """Everything up to the end of a cut.

        Parameters
        ----------
        cut
            Last day. Rows count that had arrived by its end, of events within `history_days`.
        known
            At the end of the cut.
        rules
            What counts.
        users
            Of the history, ascending; by default those with a row.
        """
        first, day = cut - timedelta(rules.history_days - 1), pd.Timestamp(cut)
        pairs = _arrived(self.pairs, first, cut)
        pairs = pairs[pairs["event_day"] >= pd.Timestamp(first)]
        items = _arrived(self.items, first, cut)
        catalogue = build_catalogue(items, known.profiles, day, rules.available_days)
        history = History.from_frame(pairs, cut, rules.goal, known.places, catalogue.items, users)
        return Past(history, build_item_days(items, day, catalogue.items), catalogue)

    def window(
        self,
        cut: date,
        horizon_days: int,
        max_late_days: int,
        known: CutRows,
        rules: PastRules,
        newcomers: bool = False,
    ) -> Window:
        """A past, and what its users reached in the days after it.

        Parameters
        ----------
        cut
            Last day of the past.
        horizon_days
            Events of so many days after the cut count, if they arrived at most `max_late_days` after the last one.
        max_late_days
            How long labels wait.
        known, rules
            See `past`.
        newcomers
            Whether users who came after the cut are in the history, without a row: for judging what cold users get.
            Nothing may learn from such a past.
        """
        wanted = self._wanted(cut, horizon_days, max_late_days, rules.goal)
        past = self.past(cut, known, rules)
        if newcomers:
            users = np.union1d(past.history.users, wanted["user_id"].to_numpy(dtype=np.str_))
            past = self.past(cut, known, rules, users)
        return Window(past, _positions(wanted, past.history.users, past.items))

    def _wanted(self, cut: date, horizon_days: int, max_late_days: int, goal: Goal) -> pd.DataFrame:
        """One row per user and item with the goal reached in sum, so that a cancelled order is none."""
        last = cut + timedelta(horizon_days)
        rows = _arrived(self.pairs, cut + timedelta(1), last + timedelta(max_late_days))
        rows = rows[(rows["event_day"] > pd.Timestamp(cut)) & (rows["event_day"] <= pd.Timestamp(last))]
        counted = rows.assign(reached=rows["n_purchases" if goal == "purchases" else "weight"].astype(float))
        sums = counted.groupby(["user_id", "item_id"], observed=True)["reached"].sum().reset_index()
        return sums[sums["reached"] > 0]


def _arrived(rows: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Rows of the run dates from one to the other, both included."""
    days = rows["run_date"].to_numpy("datetime64[D]")
    low = np.searchsorted(days, np.datetime64(first, "D"), side="left")
    high = np.searchsorted(days, np.datetime64(last, "D"), side="right")
    return rows.iloc[low:high]


def _positions(wanted: pd.DataFrame, users: Ids, items: Ids) -> csr_matrix:
    """Shape (n_users, n_items): 1 where wanted; rows of other users or items are left out."""
    user, item = (wanted[name].to_numpy(dtype=np.str_) for name in ("user_id", "item_id"))
    known = np.isin(user, users) & np.isin(item, items)
    places = np.searchsorted(users, user[known]), np.searchsorted(items, item[known])
    return csr_matrix((np.ones(int(known.sum()), np.float32), places), shape=(len(users), len(items)))


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Categories as objects: a group-by would bring back the ids that were left out."""
    categories = rows.select_dtypes("category")
    texts = {str(n): column.cat.categories.to_numpy(object)[column.cat.codes] for n, column in categories.items()}
    return rows.assign(**texts)
