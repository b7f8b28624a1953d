"""What users did with items, day by day, up to the end of a cut: all that a recommender is told of a user."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError

Ids = npt.NDArray[np.str_]
Positions = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]
Goal = Literal["purchases", "wants"]

COUNTS = ("n_shown", "n_opened", "n_wanted", "n_purchases", "weight")
"""Columns of `user_item_daily` that a history keeps."""

PLACES = ("country", "platform")
"""What is known of a user besides: empty text where it is not."""


@dataclass(frozen=True)
class History:
    """One row per user, item and day with an event, in the order user, item, day.

    Attributes
    ----------
    cut
        Last day that counts. Rows had arrived by its end.
    users, items
        Shapes (n_users,) and (n_items,): ids, ascending by code point, each once. A user may have no row.
    user, item
        Shape (n_rows,), int32: positions in `users` and `items`.
    age
        Shape (n_rows,), int32: days from the day of the events to the cut, 0 for the cut itself.
    moment
        Shape (n_rows,), int64: microseconds of UTC of the day's first event with the item; the order within a day.
    goal
        Shape (n_rows,), float32: what the app wants users to do, counted: purchases (reversals do not count), or
        the positive part of the weight. 0 where they did something else.
    counts
        Of each of `COUNTS`: shape (n_rows,), float32.
    places
        Of each of `PLACES`: shape (n_users,), strings.
    """

    cut: date
    users: Ids
    items: Ids
    user: Positions
    item: Positions
    age: Positions
    moment: npt.NDArray[np.int64]
    goal: Values
    counts: Mapping[str, Values]
    places: Mapping[str, Ids]

    @classmethod
    def from_frame(
        cls,
        rows: pd.DataFrame,
        cut: date,
        goal: Goal,
        places: pd.DataFrame | None = None,
        items: Ids | None = None,
        users: Ids | None = None,
    ) -> Self:
        """Build from rows of `user_item_daily`.

        Parameters
        ----------
        rows
            user_id, item_id, event_day, first_event_time and `COUNTS`, of partitions up to the cut; rows of one key
            that arrived on different days are added up.
        cut
            Last day of the history; a row of a later day is refused.
        goal
            What counts as reached.
        places
            One row per user: user_id, country, platform; users without one are of no known place.
        items, users
            Positions are given in these, ascending; rows of others are left out. By default all that occur.

        Raises
        ------
        ModelError
            If a row lies after the cut.
        """
        age = (pd.Timestamp(cut) - pd.to_datetime(rows["event_day"])).dt.days.to_numpy(np.int64)
        if len(age) and age.min() < 0:
            raise ModelError(f"a history up to {cut} was given events of {-int(age.min())} days later")
        users, user = _positions(rows["user_id"], users)
        items, item = _positions(rows["item_id"], items)
        kept = (user >= 0) & (item >= 0)
        table = pd.DataFrame(
            {
                "user": user[kept],
                "item": item[kept],
                "age": age[kept].astype(np.int32),
                "moment": _microseconds(rows["first_event_time"])[kept],
                # Decimals of the lake; their sums are exact in eight bytes.
                **{name: rows[name].to_numpy(np.float64)[kept] for name in COUNTS},
            }
        )
        return cls._of_table(_one_row_a_day(table), cut, goal, users, items, _places_of(users, places))

    @classmethod
    def _of_table(
        cls, table: pd.DataFrame, cut: date, goal: Goal, users: Ids, items: Ids, places: Mapping[str, Ids]
    ) -> Self:
        counts = {name: table[name].to_numpy(np.float32) for name in COUNTS}
        return cls(
            cut=cut,
            users=users,
            items=items,
            user=table["user"].to_numpy(np.int32),
            item=table["item"].to_numpy(np.int32),
            age=table["age"].to_numpy(np.int32),
            moment=table["moment"].to_numpy(np.int64),
            goal=np.maximum(counts["n_purchases" if goal == "purchases" else "weight"], 0),
            counts=counts,
            places=places,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(n_users, n_items)."""
        return len(self.users), len(self.items)

    @property
    def known_users(self) -> Ids:
        """Ids of the users with a row, ascending; of the others nothing is told."""
        return self.users[np.diff(self.indptr) > 0]

    @property
    def indptr(self) -> npt.NDArray[np.int64]:
        """Shape (n_users + 1,): rows of user u are ``indptr[u]:indptr[u + 1]``."""
        counts = np.bincount(self.user, minlength=len(self.users))
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    def matrix(self, values: Values | None = None, half_life_days: float | None = None) -> csr_matrix:
        """Sums over days per user and item.

        Parameters
        ----------
        values
            Shape (n_rows,); by default `goal`.
        half_life_days
            Halves what is so old; by default age does not count.

        Returns
        -------
        csr_matrix
            Shape (n_users, n_items), float32, column indices ascending in each row, zeros left out.
        """
        summed = (self.goal if values is None else values).astype(np.float64)
        if half_life_days is not None:
            summed = summed * np.exp2(-self.age / half_life_days)
        found = csr_matrix((summed, (self.user, self.item)), shape=self.shape)
        found.sum_duplicates()
        found.eliminate_zeros()
        return found.astype(np.float32)

    def take(self, users: npt.NDArray[np.integer]) -> Self:
        """The history of some users only.

        Parameters
        ----------
        users
            Positions, ascending.
        """
        wanted = np.zeros(len(self.users), dtype=np.bool_)
        wanted[users] = True
        position = (np.cumsum(wanted) - 1).astype(np.int32)
        kept = self._masked(wanted[self.user])
        places = {name: values[wanted] for name, values in self.places.items()}
        return replace(kept, users=self.users[wanted], user=position[kept.user], places=places)

    def of_users(self, users: Ids) -> Self:
        """The history of some users by id, ascending; one that is not in it has no row and no known place."""
        known = _known(users, self.users)
        kept = self.take(np.searchsorted(self.users, users[known]))
        position = np.flatnonzero(known).astype(np.int32)
        places = {name: np.full(len(users), "", dtype=values.dtype) for name, values in kept.places.items()}
        for name, values in kept.places.items():
            places[name][known] = values
        return replace(kept, users=users, user=position[kept.user], places=places)

    def aligned_to(self, items: Ids) -> Self:
        """The same rows over another catalogue; those of other items are left out.

        Parameters
        ----------
        items
            Shape (m,), ascending.
        """
        if np.array_equal(items, self.items):
            return self
        known = _known(self.items, items)
        kept = self._masked(known[self.item])
        position = np.searchsorted(items, self.items).astype(np.int32)
        return replace(kept, items=items, item=position[kept.item])

    def only_goals(self) -> Self:
        """The rows on which the goal was reached."""
        return self._masked(self.goal > 0)

    def _masked(self, kept: npt.NDArray[np.bool_]) -> Self:
        return replace(
            self,
            user=self.user[kept],
            item=self.item[kept],
            age=self.age[kept],
            moment=self.moment[kept],
            goal=self.goal[kept],
            counts={name: values[kept] for name, values in self.counts.items()},
        )


def _known(ids: Ids, known: Ids) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(ids), dtype=np.bool_)
    place = np.searchsorted(known, ids).clip(max=len(known) - 1)
    return np.asarray(known[place] == ids, dtype=np.bool_)


def _positions(column: pd.Series, known: Ids | None) -> tuple[Ids, Positions]:
    """Known ids, by default those that occur, and the position of each row's among them; -1 for another one."""
    # Of categories each text is looked at once, not once a row.
    categories = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    names = categories.cat.categories.to_numpy(dtype=np.str_) if len(column) else np.empty(0, np.str_)
    code = categories.cat.codes.to_numpy(np.int32) if len(column) else np.empty(0, np.int32)
    ids = np.unique(names[np.unique(code[code >= 0])]) if known is None else known
    place = np.where(_known(names, ids), np.searchsorted(ids, names), -1).astype(np.int32)
    # A row without an id has the code -1, which finds the last place.
    return ids, np.append(place, np.int32(-1))[code]


def _microseconds(column: pd.Series) -> npt.NDArray[np.int64]:
    """Of UTC."""
    # Pandas looks through a column of times for repeats before it parses what is parsed already.
    times = column if pd.api.types.is_datetime64_any_dtype(column) else pd.to_datetime(column, utc=True)
    naive = times.dt.tz_convert(None) if times.dt.tz is not None else times
    return naive.to_numpy("datetime64[us]").astype(np.int64)


def _one_row_a_day(table: pd.DataFrame) -> pd.DataFrame:
    """Late events make further rows of a day."""
    ordered = table.sort_values(["user", "item", "age", "moment"], ascending=[True, True, False, True])
    if not ordered.duplicated(["user", "item", "age"]).any():
        return ordered
    grouped = ordered.groupby(["user", "item", "age"], sort=False)
    return grouped.agg({"moment": "min", **dict.fromkeys(COUNTS, "sum")}).reset_index()


def _places_of(users: Ids, places: pd.DataFrame | None) -> dict[str, Ids]:
    if places is None or places.empty:
        return {name: np.full(len(users), "", dtype=np.str_) for name in PLACES}
    known = places.set_index("user_id")
    return {name: known[name].reindex(users.astype(object)).fillna("").to_numpy(dtype=np.str_) for name in PLACES}
