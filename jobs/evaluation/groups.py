"""Groups of the users that are judged, by rules that are fixed before anybody looks at a result.

A group is named ``<kind>.<name>``: ``activity.heavy``, ``country.France``. All users with a history are ``all``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import PLACES, History

Users = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]

ALL = "all"
COLD = ("cold.no_history", "cold.few_rows")
TERCILES = ("light", "medium", "heavy")


@dataclass(frozen=True)
class GroupRules:
    """How users are put into groups.

    Attributes
    ----------
    min_users
        Smaller groups are not told apart: their intervals would say nothing.
    few_rows
        A user with a row, but fewer than this many, is in `cold.few_rows`.
    max_places
        Most countries, or platforms, that are told apart: the ones with the most users.
    """

    min_users: int = 30
    few_rows: int = 3
    max_places: int = 6


@dataclass(frozen=True)
class Group:
    """Some of the users that are judged.

    Attributes
    ----------
    name
        ``<kind>.<name>``, or ``all``.
    users
        Shape (n,): positions among the judged users, ascending.
    """

    name: str
    users: Users


def build_groups(history: History, users: Users, rules: GroupRules) -> tuple[Group, ...]:
    """All users with a history, and the users of each group that is large enough.

    Everybody with a row in the history has one activity: a tercile, among the judged, of how often they reached the
    goal before the cut. Those on a border are in the lower one, so that equal users are never apart. Users without a
    row are apart, in `cold.no_history` alone: what they are served is not made by a model, and how many there are
    says nothing of one. Those with few rows are in ``all``, in a tercile and in `cold.few_rows`.

    Parameters
    ----------
    history
        Up to the end of the cut; nothing after it decides about a group.
    users
        Shape (n,): positions in the history of the users that are judged, ascending.
    rules
        How.

    Returns
    -------
    tuple of Group
        ``all`` first, always, and of all if nobody has a history; then activity, cold, country, platform.
    """
    n_rows = np.diff(history.indptr)[users]
    goals = np.asarray(np.bincount(history.user, history.goal, minlength=len(history.users))[users], np.float64)
    known = n_rows > 0
    found: dict[str, _Flags] = {ALL: known if known.any() else ~known}
    found |= _by_activity(goals, known)
    found |= dict(zip(COLD, (n_rows == 0, (n_rows > 0) & (n_rows < rules.few_rows)), strict=True))
    for kind in PLACES:
        found |= _by_place(kind, np.where(known, history.places[kind][users], ""), rules)
    groups = (Group(name, np.flatnonzero(flags)) for name, flags in found.items())
    return tuple(group for group in groups if group.name == ALL or len(group.users) >= rules.min_users)


def _by_activity(goals: npt.NDArray[np.float64], known: _Flags) -> dict[str, _Flags]:
    if not known.any():
        return {}
    borders = np.quantile(goals[known], [1 / 3, 2 / 3])
    tercile = np.searchsorted(borders, goals, side="left")
    return {f"activity.{name}": known & (tercile == index) for index, name in enumerate(TERCILES)}


def _by_place(kind: str, places: npt.NDArray[np.str_], rules: GroupRules) -> dict[str, _Flags]:
    """The largest places; one that everybody shares tells nothing apart."""
    names, counts = np.unique(places[places != ""], return_counts=True)
    if len(names) < 2:
        return {}
    largest = sorted(zip(-counts, names, strict=True))[: rules.max_places]
    return {f"{kind}.{name}": places == name for _, name in largest}
