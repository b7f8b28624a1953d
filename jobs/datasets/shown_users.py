"""A few users with their lists side by side, for people who want to see what a recommender does.

Users are keyed hashes from the start: what is built here is kept for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.datasets.history import History
from jobs.datasets.past import Catalogue
from jobs.datasets.pseudonyms import pseudonym

NO_ITEM = -1

Items = npt.NDArray[np.int32]


@dataclass(frozen=True)
class ShownItem:
    """One cell of a user's table.

    Attributes
    ----------
    item_id, title
        As the log says; the title may be empty.
    note
        Why it is there, in a few words.
    is_marked
        In a list: the user wanted it. In what was wanted: the last list had it.
    was_had
        Whether the user had it before the cut.
    """

    item_id: str
    title: str
    note: str = ""
    is_marked: bool = False
    was_had: bool = False


@dataclass(frozen=True)
class ShownUser:
    """One user.

    Attributes
    ----------
    key
        Keyed hash of the user id.
    n_rows, n_wanted
        Days with an item in the history, and items wanted after the cut; `had` and `wanted` show the first of them.
    had
        What the user had, the last first.
    lists
        By name of the method, best first; the one that is to be served is the last.
    n_hits
        By name of the method: marked items of its list.
    wanted
        What the user wanted after the cut.
    """

    key: str
    n_rows: int
    n_wanted: int
    had: tuple[ShownItem, ...]
    lists: Mapping[str, tuple[ShownItem, ...]]
    n_hits: Mapping[str, int]
    wanted: tuple[ShownItem, ...]


def sample_users(history: History, users: npt.NDArray[np.int64], hash_key: str, n: int) -> npt.NDArray[np.int64]:
    """Some of the users, who are mostly the same ones the next night: those with the smallest keyed hashes.

    Parameters
    ----------
    history
        Names the users.
    users
        Positions to choose from.
    hash_key
        Secret of the deployment.
    n
        How many at most.

    Returns
    -------
    ndarray
        Positions in `users`, by keyed hash.
    """
    keys = np.array([pseudonym(user, hash_key) for user in history.users[users].tolist()])
    return np.argsort(keys, kind="stable")[:n]


def build_shown_users(
    history: History,
    users: npt.NDArray[np.int64],
    catalogue: Catalogue,
    lists: Mapping[str, Items],
    wanted: csr_matrix,
    hash_key: str,
    k: int = 10,
) -> tuple[ShownUser, ...]:
    """Put the lists of some users side by side.

    Parameters
    ----------
    history
        Up to the end of the cut.
    users
        Shape (n,): positions in the history.
    catalogue
        Over the items of the history.
    lists
        By name of a method, the one that is to be served last: shape (n, at least k), int32, item positions, best
        first, -1 where a list is shorter. Rows in the order of `users`.
    wanted
        Shape (n, n_items): a stored entry was wanted after the cut.
    hash_key
        Secret of the deployment.
    k
        Rows of a table.
    """
    return tuple(
        _of_user(
            history, int(user), catalogue, {name: of[row, :k] for name, of in lists.items()}, wanted[row], hash_key
        )
        for row, user in enumerate(users.tolist())
    )


def _of_user(
    history: History, user: int, catalogue: Catalogue, lists: Mapping[str, Items], wanted: csr_matrix, hash_key: str
) -> ShownUser:
    rows = slice(*history.indptr[[user, user + 1]].tolist())
    had = frozenset(history.item[rows][history.goal[rows] > 0].tolist())
    wished = frozenset(wanted.indices.tolist())
    served = frozenset(list(lists.values())[-1].tolist() if lists else [])
    k = max((len(of) for of in lists.values()), default=0)
    shown = {
        name: tuple(
            _shown(catalogue, item, "", item in wished, item in had) for item in of.tolist() if item != NO_ITEM
        )
        for name, of in lists.items()
    }
    found = sorted(wished, key=lambda item: (item not in served, item))
    return ShownUser(
        key=pseudonym(str(history.users[user]), hash_key),
        n_rows=rows.stop - rows.start,
        n_wanted=len(wished),
        had=_had(history, rows, catalogue, k),
        lists=shown,
        n_hits={name: sum(item.is_marked for item in of) for name, of in shown.items()},
        wanted=tuple(_shown(catalogue, item, "", item in served, item in had) for item in found[:k]),
    )


def _had(history: History, rows: slice, catalogue: Catalogue, k: int) -> tuple[ShownItem, ...]:
    """The items with the latest day on which the goal was reached; without any, what was looked at last."""
    item, age, goal = history.item[rows], history.age[rows], history.goal[rows]
    reached = goal > 0
    if reached.any():
        item, age, goal = item[reached], age[reached], goal[reached]
    last: dict[int, int] = {}
    times: dict[int, float] = {}
    for one, days, count in zip(item.tolist(), age.tolist(), goal.tolist(), strict=True):
        last[one] = min(days, last.get(one, days))
        times[one] = times.get(one, 0.0) + count
    newest = sorted(last, key=lambda one: (last[one], -times[one], one))[:k]
    return tuple(
        _shown(catalogue, one, f"{times[one]:g} times, {_ago(last[one])}", False, bool(reached.any()))
        for one in newest
    )


def _ago(days: int) -> str:
    return {0: "on the last day", 1: "1 day before"}.get(days, f"{days} days before")


def _shown(catalogue: Catalogue, item: int, note: str, is_marked: bool, was_had: bool) -> ShownItem:
    return ShownItem(str(catalogue.items[item]), str(catalogue.title[item]), note, is_marked, was_had)
