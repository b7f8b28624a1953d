"""Scores of single users and items, the same wherever and with whatever else they are computed."""

import numpy as np
import numpy.typing as npt

AT_ONCE = 512
"""Pairs scored at a time; at 128 factors a megabyte of rows, which stays in the processor's cache."""

Places = npt.NDArray[np.int64]
Exact = npt.NDArray[np.float64]


class PairScores:
    """Products of factors, each summed in float64 on its own and rounded to float32.

    Parameters
    ----------
    items
        Shape (n_items, f), float64.
    """

    def __init__(self, items: Exact) -> None:
        self._items = items
        self._item_rows, self._user_rows = np.empty((2, AT_ONCE, items.shape[1]))

    def of(self, users: Exact, user: Places, item: Places) -> npt.NDArray[np.float32]:
        """Shape (n_pairs,), for users of shape (n_users, f) and positions of each pair's user and item."""
        scores = np.empty(len(user), dtype=np.float32)
        for start in range(0, len(user), AT_ONCE):
            rows = slice(start, min(len(user), start + AT_ONCE))
            n = rows.stop - start
            # The positions are right; without "clip" they would be checked, which takes twice as long.
            np.take(self._items, item[rows], axis=0, out=self._item_rows[:n], mode="clip")
            np.take(users, user[rows], axis=0, out=self._user_rows[:n], mode="clip")
            scores[rows] = np.vecdot(self._item_rows[:n], self._user_rows[:n])
        return scores
