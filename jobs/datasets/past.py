"""All up to the end of a cut from which recommenders learn: histories of users, days of items, the catalogue."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix, diags

from jobs.datasets.history import History, Ids, Positions, Values

NEVER = 1_000_000
"""Days since what never happened."""


@dataclass(frozen=True)
class ItemDays:
    """One row per item and day on which something arrived for it, anonymous visitors included.

    Attributes
    ----------
    item
        Shape (n_rows,), int32: position in the items of the catalogue.
    age
        Shape (n_rows,), int32: days from the day of arrival to the cut.
    n_events, n_purchases, n_users
        Shape (n_rows,), float32; purchases less reversals, different known users.
    """

    item: Positions
    age: Positions
    n_events: Values
    n_purchases: Values
    n_users: Values

    def decayed(self, values: Values, n_items: int, half_life_days: float) -> npt.NDArray[np.float64]:
        """Shape (n_items,): sum of values, halved every so many days."""
        faded = values * np.exp2(-self.age / half_life_days)
        return np.bincount(self.item, faded, minlength=n_items).astype(np.float64)

    def aligned_to(self, own: Ids, items: Ids) -> Self:
        """The same over other items, ascending; ``own`` are those that positions are given in now."""
        kept = np.isin(own, items)[self.item]
        place = np.searchsorted(items, own).astype(np.int32)
        return type(self)(
            item=place[self.item[kept]],
            age=self.age[kept],
            n_events=self.n_events[kept],
            n_purchases=self.n_purchases[kept],
            n_users=self.n_users[kept],
        )

    def window(self, values: Values, n_items: int, days: int, skip: int = 0) -> npt.NDArray[np.float64]:
        """Shape (n_items,): sum of values of the `days` days that end `skip` days before the end of the cut."""
        inside = (self.age >= skip) & (self.age < skip + days)
        return np.bincount(self.item[inside], values[inside], minlength=n_items).astype(np.float64)


@dataclass(frozen=True)
class Catalogue:
    """What is known of each item at the end of the cut.

    Attributes
    ----------
    items
        Shape (n_items,): ids, ascending. All that had an event, or that a log of items named.
    title, category
        Shape (n_items,), strings; empty where nobody said.
    price
        Shape (n_items,), float32: the catalogue's, else the last one seen; not-a-number where there is none.
    first_age, last_age
        Shape (n_items,), int32: days since its first and its last event; `NEVER` without one.
    is_available
        Shape (n_items,), bool: whether it may be recommended.
    """

    items: Ids
    title: Ids
    category: Ids
    price: Values
    first_age: Positions
    last_age: Positions
    is_available: npt.NDArray[np.bool_]

    def first_seen_within(self, days: int) -> npt.NDArray[np.bool_]:
        """Shape (n_items,): whether an item is new: first seen within so many days, or named and not seen by anybody.

        None where the log itself is no older, for then everything would be.
        """
        seen = self.first_age[self.first_age < NEVER]
        if seen.max(initial=0) < days:
            return np.zeros(len(self.first_age), dtype=np.bool_)
        return np.asarray((self.first_age < days) | (self.first_age >= NEVER), dtype=np.bool_)

    def aligned_to(self, items: Ids) -> Self:
        """The same over other items, ascending; one that the catalogue does not know cannot be had."""
        place = np.searchsorted(self.items, items).clip(max=max(0, len(self.items) - 1))
        known = self.items[place] == items if len(self.items) else np.zeros(len(items), dtype=np.bool_)
        ages = dict.fromkeys(("first_age", "last_age"), NEVER)
        nothing: dict[str, Any] = {"title": "", "category": "", "price": np.nan, **ages}
        taken = {
            name: np.where(known, getattr(self, name)[place], value).astype(getattr(self, name).dtype)
            for name, value in nothing.items()
        }
        return type(self)(items=items, **taken, is_available=known & self.is_available[place])


@dataclass(frozen=True)
class Past:
    """All up to the end of a cut; the items of its three parts are the same.

    Attributes
    ----------
    history
        Of every user who may be learned from.
    days, catalogue
        Of the items.
    """

    history: History
    days: ItemDays
    catalogue: Catalogue

    @property
    def items(self) -> Ids:
        """Shape (n_items,), ascending."""
        return self.catalogue.items

    def aligned_to(self, items: Ids) -> Self:
        """The same over other items, ascending: those that a model knows; what is not among them is left out."""
        if np.array_equal(items, self.items):
            return self
        return type(self)(
            history=self.history.aligned_to(items),
            days=self.days.aligned_to(self.items, items),
            catalogue=self.catalogue.aligned_to(items),
        )


@dataclass(frozen=True)
class Window:
    """A label window: what was known at its cut, and what users did in the days after it.

    Attributes
    ----------
    past
        Up to the end of the cut.
    truth
        Shape (users of the history, items), bool-like float32: 1 where the goal was reached within the horizon, for
        items that the catalogue knew at the cut. Users without a 1 have nothing to judge by.
    """

    past: Past
    truth: csr_matrix

    @property
    def judged(self) -> npt.NDArray[np.int64]:
        """Positions of users with a history and something wanted, ascending."""
        wants = np.diff(self.truth.indptr) > 0
        known = np.diff(self.past.history.indptr) > 0
        return np.flatnonzero(wants & known)

    def drawn(self, most: int) -> Self:
        """The same with about so many users at most who want something: of more, every second, third, ... by id.

        The past stays whole. Which users these are does not depend on who else is there, but for their share.
        """
        share = -(-len(self.judged) // most)
        if share <= 1:
            return self
        hashed = pd.util.hash_array(self.past.history.users.astype(object))
        rows = diags((hashed % np.uint64(share) == 0).astype(np.float32))
        truth = csr_matrix(rows @ self.truth)
        truth.eliminate_zeros()
        return type(self)(self.past, truth)


def build_item_days(daily: pd.DataFrame, cut: pd.Timestamp, items: Ids) -> ItemDays:
    """From rows of `item_daily` with their run_date, of partitions up to the cut.

    Parameters
    ----------
    daily
        run_date, item_id, n_events, n_purchases, n_users.
    cut
        Last day.
    items
        Ascending; rows of others are left out.
    """
    ids = daily["item_id"].to_numpy(dtype=np.str_) if len(daily) else np.empty(0, np.str_)
    kept = np.isin(ids, items)
    rows = daily[kept]
    return ItemDays(
        item=np.searchsorted(items, ids[kept]).astype(np.int32),
        age=(cut - pd.to_datetime(rows["run_date"])).dt.days.to_numpy().astype(np.int32),
        n_events=rows["n_events"].to_numpy(np.float32),
        n_purchases=rows["n_purchases"].to_numpy(np.float32),
        n_users=rows["n_users"].to_numpy(np.float32),
    )


def build_catalogue(
    daily: pd.DataFrame, profiles: pd.DataFrame | None, cut: pd.Timestamp, available_days: int
) -> Catalogue:
    """From rows of `item_daily` up to the cut, and the profiles of items as they were then.

    Parameters
    ----------
    daily
        run_date, item_id and price.
    profiles
        Rows of `item_profiles` of the cut: item_id, title, category, price, is_available; None where
        no log of items is read.
    cut
        Last day.
    available_days
        An item that had no event for so many days cannot be had, unless the catalogue names it as available and it
        never had one.
    """
    dated = daily.assign(age=(cut - pd.to_datetime(daily["run_date"])).dt.days).sort_values(["item_id", "age"])
    seen = dated.groupby("item_id", sort=True).agg(
        first_age=("age", "max"), last_age=("age", "min"), seen_price=("price", "first")
    )
    named = profiles.set_index("item_id") if profiles is not None and len(profiles) else _no_profiles()
    items = np.unique(np.concatenate([_texts(seen.index), _texts(named.index)]))
    seen, named = seen.reindex(items.astype(object)), named.reindex(items.astype(object))
    last_age = seen["last_age"].fillna(NEVER).to_numpy(np.int32)
    is_on_sale = named["is_available"].astype("boolean").fillna(True).to_numpy(np.bool_)
    is_named = named["is_available"].notna().to_numpy(np.bool_)
    price = named["price"].astype(float).fillna(seen["seen_price"].astype(float))
    return Catalogue(
        items=items,
        title=named["title"].fillna("").to_numpy(dtype=np.str_),
        category=named["category"].fillna("").to_numpy(dtype=np.str_),
        price=price.to_numpy(np.float32),
        first_age=seen["first_age"].fillna(NEVER).to_numpy(np.int32),
        last_age=last_age,
        is_available=is_on_sale & ((last_age < available_days) | (is_named & (last_age == NEVER))),
    )


def _no_profiles() -> pd.DataFrame:
    return pd.DataFrame(
        {"title": [], "category": [], "price": [], "is_available": []}, index=pd.Index([], dtype=object), dtype=object
    )


def _texts(index: pd.Index) -> Ids:
    return index.to_numpy(dtype=np.str_) if len(index) else np.empty(0, np.str_)
