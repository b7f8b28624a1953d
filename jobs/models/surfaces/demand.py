"""What groups of users want: weights of items per group, out of the histories of their users.

A group is a row of a matrix of members, shape (n_groups, n_users), 1 where a user belongs to it.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.datasets.history import History, Ids
from jobs.models.lists import Scores

SHORT_DAYS = 7
LONG_DAYS = 28
"""What rises is wanted more in the last week than in the last four: whole weeks, so that weekdays do not count."""

_PRIOR_USERS = 1.0
"""Users a week that every item is given: one more buyer of what nobody buys is no trend."""


def members_of_segments(segments: Ids, keys: Ids) -> csr_matrix:
    """Members of each segment.

    Parameters
    ----------
    segments
        Shape (n_users,).
    keys
        Shape (n_groups,): names, ascending.
    """
    return _members(keys, segments, np.arange(len(segments)), len(segments))


def members_of_contexts(history: History, keys: Ids) -> csr_matrix:
    """Members of each context by their country and platform; a user belongs to up to three.

    Parameters
    ----------
    history
        Of the users.
    keys
        Shape (n_groups,): ``country|platform|*``, a missing part ``*``, ascending.
    """
    country, platform = (_or_star(history.places[name]) for name in ("country", "platform"))
    star = np.full(len(history.users), "*", dtype=np.str_)
    users = np.arange(len(history.users))
    pairs = ((country, platform), (country, star), (star, platform))
    names = [np.char.add(np.char.add(np.char.add(left, "|"), right), "|*") for left, right in pairs]
    members = _members(keys, np.concatenate(names), np.tile(users, len(pairs)), len(users))
    # A user without a platform is of `country|*|*` twice.
    members.data[:] = 1
    return members


def wanted(history: History, members: csr_matrix, half_life_days: float) -> Scores:
    """Shape (n_groups, n_items): positive weights of their users' events, decayed."""
    weights = history.matrix(np.maximum(history.counts["weight"], 0), half_life_days)
    return _sums(members, weights)


def had_first(history: History, members: csr_matrix, half_life_days: float) -> Scores:
    """Shape (n_groups, n_items): users who had the item for the first time, decayed by the days since."""
    goals = history.only_goals()
    key = goals.user.astype(np.int64) * len(history.items) + goals.item
    # Rows stand in the order user, item, day: the first of a pair is the oldest.
    first = np.flatnonzero(np.diff(key, prepend=-1))
    weight = np.exp2(-goals.age[first] / half_life_days).astype(np.float32)
    return _sums(members, csr_matrix((weight, (goals.user[first], goals.item[first])), shape=history.shape))


def rising(history: History, members: csr_matrix) -> Scores:
    """Shape (n_groups, n_items): by how much the last week exceeds a usual one, 0 where it does not.

    Counts days of users with a wish for the item. The usual week is the mean of the last four; the difference is
    divided by the root of it, the spread of a count.
    """
    is_wish = history.counts["weight"] > 0
    short, long = (
        _sums(members, history.matrix((is_wish & (history.age < days)).astype(np.float32)))
        for days in (SHORT_DAYS, LONG_DAYS)
    )
    usual = long * (SHORT_DAYS / LONG_DAYS)
    return np.asarray(np.maximum((short - usual) / np.sqrt(usual + _PRIOR_USERS), 0), dtype=np.float32)


def _sums(members: csr_matrix, weights: csr_matrix) -> Scores:
    # Summed in eight bytes and rounded to four, the order of users does not show.
    sums = members.astype(np.float64) @ weights.astype(np.float64)
    return np.asarray(sums.toarray(), dtype=np.float32)


def _members(keys: Ids, names: Ids, users: npt.NDArray[np.int64], n_users: int) -> csr_matrix:
    if not len(keys):
        return csr_matrix((0, n_users), dtype=np.float32)
    place = np.searchsorted(keys, names).clip(max=len(keys) - 1)
    known = keys[place] == names
    ones = np.ones(int(known.sum()), dtype=np.float32)
    found = csr_matrix((ones, (place[known], users[known])), shape=(len(keys), n_users))
    found.sum_duplicates()
    return found


def _or_star(values: Ids) -> Ids:
    return np.where(values == "", "*", values)
