"""Which items are bought again, and after how many days: counted over all pairs of a history."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PairGaps:
    """One row per user and item on which the goal was reached, in the order user, item.

    Attributes
    ----------
    user, item
        Shape (n_pairs,): positions.
    n_days
        Shape (n_pairs,): different days.
    span
        Shape (n_pairs,): days from the first of them to the last; the sum of the gaps between them.
    since
        Shape (n_pairs,): days from the last of them to the cut.
    """

    user: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    n_days: npt.NDArray[np.int64]
    span: Floats
    since: Floats

    @classmethod
    def of(cls, history: History) -> Self:
        """Read from a history, whose rows are in the order user, item, day."""
        reached = history.only_goals()
        pair = reached.user.astype(np.int64) * len(history.items) + reached.item
        starts = np.flatnonzero(np.diff(pair, prepend=-1))
        ends = np.append(starts[1:], len(pair))[: len(starts)] - 1
        return cls(
            user=reached.user[starts],
            item=reached.item[starts],
            n_days=(ends - starts + 1).astype(np.int64),
            span=(reached.age[starts] - reached.age[ends]).astype(np.float64),
            since=reached.age[ends].astype(np.float64),
        )


def mean_gaps(group: npt.NDArray[np.int32], n_groups: int, pairs: PairGaps, overall: float, prior: float) -> Floats:
    """Shape (n_groups,): mean days between two times, of each item or each user, drawn to the overall mean.

    Parameters
    ----------
    group
        Shape (n_pairs,): `pairs.item` or `pairs.user`.
    n_groups
        Number of items or users.
    pairs
        Of a history.
    overall
        Mean of all gaps, in days.
    prior
        How many gaps the overall mean is worth.
    """
    days = np.bincount(group, pairs.span, minlength=n_groups)
    n_gaps = np.bincount(group, pairs.n_days - 1, minlength=n_groups)
    return np.asarray((days + prior * overall) / (n_gaps + prior), dtype=np.float64)


def rebuy_share(pairs: PairGaps, n_items: int, prior: float) -> Floats:
    """Shape (n_items,): users who came back for the item over those who had it, drawn to the share of all items.

    The repeat customer probability of Bhagat et al. (2018), "Buy It Again", with a prior worth so many users.
    """
    had = np.bincount(pairs.item, minlength=n_items)
    again = np.bincount(pairs.item, pairs.n_days > 1, minlength=n_items)
    overall = again.sum() / max(had.sum(), 1)
    return np.asarray((again + prior * overall) / (had + prior), dtype=np.float64)
