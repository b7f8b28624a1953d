"""What methods are judged on: whom they recommend to on a surface, and what these users wanted after the cut."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from jobs.datasets.past import Window
from jobs.evaluation.groups import Group, GroupRules, Users, build_groups

FOR_YOU, DISCOVER = "for_you", "discover"


@dataclass(frozen=True)
class Task:
    """One surface of one label window.

    Attributes
    ----------
    surface
        ``for_you``: everything wanted counts; ``discover``: only items that the user never had.
    users
        Shape (n_users,): positions in the history of those with something relevant, ascending. Rows of all below, and
        of the lists that are judged, are these users.
    relevant
        Shape (n_users, n_items): a stored entry is an item wanted after the cut; at least one a user.
    had
        Shape (n_users, n_items): a stored entry is an item with which the goal was reached before the cut.
    groups
        Of the users; positions are rows.
    """

    surface: str
    users: Users
    relevant: csr_matrix
    had: csr_matrix
    groups: tuple[Group, ...]


def build_tasks(window: Window, rules: GroupRules) -> tuple[Task, ...]:
    """``for_you`` and ``discover``; a surface on which nobody has anything relevant is left out."""
    had = window.past.history.only_goals().matrix()
    wanted = window.truth
    parts = {FOR_YOU: wanted, DISCOVER: without(wanted, had)}
    tasks = (_task(surface, relevant, had, window, rules) for surface, relevant in parts.items())
    return tuple(task for task in tasks if len(task.users))


def without(wanted: csr_matrix, had: csr_matrix) -> csr_matrix:
    """The stored entries of one matrix that are not stored in the other, as ones."""
    n_items = wanted.shape[1]
    users, items = np.divmod(np.setdiff1d(_keys(wanted, n_items), _keys(had, n_items)), n_items)
    return csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=wanted.shape)


def _keys(matrix: csr_matrix, n_items: int) -> Users:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return np.asarray(rows * n_items + matrix.indices, np.int64)


def _task(surface: str, relevant: csr_matrix, had: csr_matrix, window: Window, rules: GroupRules) -> Task:
    users = np.flatnonzero(np.diff(relevant.indptr))
    groups = build_groups(window.past.history, users, rules)
    return Task(surface, users, relevant[users], had[users], groups)
