"""What a history says of some users, in the form that the taste model learns from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.datasets.history import History, Values
from jobs.models.sources.taste.on_sale import OnSale

Floats = npt.NDArray[np.float64]

STEPS = ("opened", "wanted", "reached")
"""What may follow an impression, in this order; the last one is the goal."""

NO_GOAL = -1


@dataclass(frozen=True)
class Tries:
    """One row per pair at which a step of the funnel was possible, in the order user, item.

    Attributes
    ----------
    user, item
        Shape (n,), int64: positions.
    tries, hits
        Shape (n,): how often the step before was reached, and how often it led to this one.
    """

    user: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    tries: Floats
    hits: Floats


@dataclass(frozen=True)
class Observed:
    """Users of one block; a pair is a user and an item with at least one row in the history.

    Attributes
    ----------
    n_items
        Items of the catalogue.
    user, item
        Shape (n_pairs,), int64: positions, in the order user, item.
    shown
        Shape (n_pairs,): impressions.
    steps
        The tries of each of `STEPS`; none of a step that the log does not have.
    goal_age
        Shape (n_pairs,), int64: days since the goal was first reached with the item, `NO_GOAL` if never.
    by_age
        Shape (n_users, n_ages), float32: impressions so many days before the cut.
    n_visits
        Shape (n_users,): days with an event of the funnel.
    first_visit, last_visit
        Shape (n_users,): days since then.
    n_back, back_days
        Shape (n_users,): how often a user came back to an item that the goal was reached with, without having been
        shown it; and on how many pairs of visit and such item that could have been.
    """

    n_items: int
    user: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    shown: Floats
    steps: tuple[Tries, ...]
    goal_age: npt.NDArray[np.int64]
    by_age: Values
    n_visits: Floats
    first_visit: Floats
    last_visit: Floats
    n_back: Floats
    back_days: Floats

    @property
    def n_users(self) -> int:
        """Users of the block."""
        return len(self.n_visits)

    @cached_property
    def n_shown(self) -> Floats:
        """Shape (n_users,): impressions."""
        return np.bincount(self.user, self.shown, minlength=self.n_users).astype(np.float64)

    @cached_property
    def shown_matrix(self) -> csr_matrix:
        """Shape (n_users, n_items): impressions."""
        return csr_matrix((self.shown, (self.user, self.item)), shape=(self.n_users, self.n_items))

    def matrix(self, tries: Tries, values: Floats) -> csr_matrix:
        """Shape (n_users, n_items): one value per row of the tries of a step."""
        # Tries are in the order of rows; SciPy would sort and add them up again, a few times a sweep.
        indptr = np.searchsorted(tries.user, np.arange(self.n_users + 1))
        return csr_matrix((values, tries.item, indptr), shape=(self.n_users, self.n_items))


def find_steps(history: History) -> npt.NDArray[np.bool_]:
    """Shape (steps,): which steps a log has; it always has the goal."""
    return np.array([history.counts["n_opened"].any(), history.counts["n_wanted"].any(), True])


def observe(history: History, on_sale: OnSale, has_step: npt.NDArray[np.bool_]) -> Observed:
    """Count, per pair and per user, what the taste model needs of some users' histories."""
    shape = history.shape
    key = history.user.astype(np.int64) * shape[1] + history.item
    pairs, pair = np.unique(key, return_inverse=True)
    user, item = pairs // max(shape[1], 1), pairs % max(shape[1], 1)
    goal_age = np.full(len(pairs), NO_GOAL, dtype=np.int64)
    np.maximum.at(goal_age, pair, np.where(history.goal > 0, history.age, NO_GOAL))

    def per_pair(values: Floats | Values) -> Floats:
        return np.bincount(pair, values, minlength=len(pairs)).astype(np.float64)

    visits = _visits_until(history)
    came = _came_unshown(history, has_step) & (history.age < goal_age[pair])
    return Observed(
        n_items=shape[1],
        user=user,
        item=item,
        shown=per_pair(history.counts["n_shown"]),
        steps=tuple(_tried(user, item, per_pair(tries), per_pair(hits)) for tries, hits in _steps(history, has_step)),
        goal_age=goal_age,
        by_age=_by_age(history, history.counts["n_shown"]),
        n_visits=visits[:, -1].astype(np.float64),
        first_visit=_edge(visits, first=True),
        last_visit=_edge(visits, first=False),
        n_back=np.bincount(history.user[came], minlength=shape[0]).astype(np.float64),
        back_days=_days_to_come_back(user, item, goal_age, visits, on_sale),
    )


def _steps(history: History, has_step: npt.NDArray[np.bool_]) -> Iterator[tuple[Floats, Floats]]:
    """Tries and hits of each step, per row of the history."""
    counts = (history.counts["n_opened"], history.counts["n_wanted"], history.goal)
    before = history.counts["n_shown"].astype(np.float64)
    for count, is_there in zip(counts, has_step, strict=True):
        reached = np.maximum(count, 0).astype(np.float64)
        # Something may be opened without having been shown; that is no success of an impression.
        yield (before, np.minimum(reached, before)) if is_there else (np.zeros_like(before), np.zeros_like(before))
        before = reached if is_there else before


def _tried(user: npt.NDArray[np.int64], item: npt.NDArray[np.int64], tries: Floats, hits: Floats) -> Tries:
    kept = tries > 0
    return Tries(user[kept], item[kept], tries[kept], hits[kept])


def _came_unshown(history: History, has_step: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    counts = (history.counts["n_opened"], history.counts["n_wanted"], history.goal)
    first = counts[int(np.argmax(has_step))]
    return np.asarray(first > history.counts["n_shown"], dtype=np.bool_)


def _visits_until(history: History) -> Values:
    """Shape (n_users, n_ages + 1): visits on days less than so many days before the cut."""
    names = ("n_shown", "n_opened", "n_wanted")
    seen = np.any([history.counts[name] > 0 for name in names], axis=0) | (history.goal > 0)
    n_ages = _n_ages(history)
    days = np.unique(history.user[seen].astype(np.int64) * n_ages + history.age[seen])
    visited = np.zeros((len(history.users), n_ages), dtype=np.float32)
    visited[days // n_ages, days % n_ages] = 1
    return _running(visited)


def _by_age(history: History, values: Values) -> Values:
    n_ages = _n_ages(history)
    place = history.user.astype(np.int64) * n_ages + history.age
    summed = np.bincount(place, values, minlength=len(history.users) * n_ages).reshape(-1, n_ages)
    return np.asarray(summed, dtype=np.float32)


def _running(by_age: Values) -> Values:
    return np.concatenate([np.zeros((len(by_age), 1), np.float32), np.cumsum(by_age, axis=1)], axis=1)


def _n_ages(history: History) -> int:
    return int(history.age.max()) + 1 if len(history.age) else 1


def _edge(visits: Values, first: bool) -> Floats:
    """Days since the first or the last visit; 0 for a user without one."""
    reached = visits >= visits[:, -1:] if first else visits > 0
    age = np.maximum(np.argmax(reached, axis=1) - 1, 0)
    return np.where(visits[:, -1] > 0, age, 0).astype(np.float64)


def _days_to_come_back(
    user: npt.NDArray[np.int64],
    item: npt.NDArray[np.int64],
    goal_age: npt.NDArray[np.int64],
    visits: Values,
    on_sale: OnSale,
) -> Floats:
    """Shape (n_users,): visits since the goal was first reached with an item, while it was on sale, summed."""
    had = goal_age != NO_GOAL
    since = goal_age[had]
    until = np.minimum(on_sale.last_age[item[had]], since)
    days = visits[user[had], since] - visits[user[had], until]
    return np.bincount(user[had], days, minlength=len(visits)).astype(np.float64)
