"""What a user did with an item before: had it, how often, how long ago, whether it is due again."""

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.models.two_stage.union import Pairs

Values = npt.NDArray[np.float32]

NOT = -1.0  # of days since what never happened: below all real values, so one split of a tree parts it off
WISH_HALF_LIVES_DAYS = (7, 30, 90)
FUNNEL_HALF_LIFE_DAYS = 14  # of what was shown and opened; a shop's front page is renewed in two weeks


def pair_columns(history: History, pairs: Pairs) -> dict[str, Values]:
    """Features of the own history with each candidate.

    Parameters
    ----------
    history
        Of the same users.
    pairs
        The candidates.

    Returns
    -------
    dict
        Name to shape (n_rows,), float32; 0, or `NOT` for days, where the user never met the item.
    """
    met = _Met(history, pairs)
    goal = history.goal
    is_goal = goal > 0
    n_days = met.total(is_goal.astype(np.float64))
    last, first = met.least(np.where(is_goal, history.age, np.inf)), met.most(np.where(is_goal, history.age, -np.inf))
    last, first = np.where(np.isfinite(last), last, NOT), np.where(np.isfinite(first), first, NOT)
    touched = met.least(np.where(history.counts["weight"] > 0, history.age, np.inf))
    columns = {
        "pair_days": n_days,
        "pair_goals": met.total(goal.astype(np.float64)),
        "pair_since_days": last,
        "pair_first_days": first,
        "pair_gap_days": np.where(n_days > 1, (first - last) / np.maximum(n_days - 1, 1), NOT),
        "pair_touched_days": np.where(np.isfinite(touched), touched, NOT),
    }
    for half_life in WISH_HALF_LIVES_DAYS:
        columns[f"pair_goals_{half_life}d"] = met.total(_faded(history, goal, half_life))
    for name in ("n_shown", "n_opened", "n_wanted"):
        columns[f"pair_{name[2:]}_14d"] = met.total(_faded(history, history.counts[name], FUNNEL_HALF_LIFE_DAYS))
    return {name: np.asarray(values, dtype=np.float32) for name, values in columns.items()}


def due_columns(
    own: dict[str, Values], user_gap: Values, user_since: Values, user_days: Values, item_gap: Values
) -> dict[str, Values]:
    """Whether an item that was had is due again.

    Parameters
    ----------
    own
        Of `pair_columns`.
    user_gap, user_since, user_days, item_gap
        Shape (n_rows,): of the row's user (usual gap between days with a purchase, days since the last, number of
        them) and of its item (usual gap between two purchases by one user).

    Returns
    -------
    dict
        Days since the last time over each gap, `NOT` where it was never had; how many of the user's days had it;
        whether the last one did.
    """
    since, had = own["pair_since_days"], own["pair_since_days"] >= 0
    gap = own["pair_gap_days"]
    columns = {
        "pair_due_by_user": np.where(had, since / np.maximum(user_gap, 1), NOT),
        "pair_due_by_item": np.where(had, since / np.maximum(item_gap, 1), NOT),
        "pair_due": np.where(gap > 0, since / np.maximum(gap, 1), NOT),
        "pair_day_part": own["pair_days"] / np.maximum(user_days, 1),
        "pair_in_last": had & (since == user_since),
    }
    return {name: np.asarray(values, dtype=np.float32) for name, values in columns.items()}


def _faded(history: History, values: Values, half_life_days: float) -> npt.NDArray[np.float64]:
    return np.asarray(values * np.exp2(-history.age / half_life_days), dtype=np.float64)


class _Met:
    """Sums and extremes of a history's rows for the candidates among them."""

    def __init__(self, history: History, pairs: Pairs) -> None:
        key = history.user.astype(np.int64) * history.shape[1] + history.item
        self._starts = np.flatnonzero(np.diff(key, prepend=-1))
        met = key[self._starts]
        place = np.searchsorted(met, pairs.keys)
        inside = np.minimum(place, max(len(met) - 1, 0))
        self._found = (met[inside] == pairs.keys) if len(met) else np.zeros(len(place), np.bool_)
        self._place = inside

    def total(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self._of_pairs(np.add, values, 0.0)

    def least(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self._of_pairs(np.minimum, values, np.inf)

    def most(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self._of_pairs(np.maximum, values, -np.inf)

    def _of_pairs(self, reduce: np.ufunc, values: npt.NDArray[np.float64], nothing: float) -> npt.NDArray[np.float64]:
        found = np.full(len(self._found), nothing)
        if len(self._starts):
            of_met = reduce.reduceat(np.asarray(values, dtype=np.float64), self._starts)
            found[self._found] = of_met[self._place[self._found]]
        return found
