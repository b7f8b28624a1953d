"""Who has had what, and how much: the sparse matrix that every recommender learns from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError

Ids = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Interactions:
    """One weight per user and item, in an order that depends on nothing but the ids.

    Attributes
    ----------
    users
        Shape (n_users,), strings, ascending by code point, each once.
    items
        Shape (n_items,), strings, ascending by code point, each once.
    weights
        Shape (n_users, n_items), float32, positive, column indices ascending in each row.
    """

    users: Ids
    items: Ids
    weights: csr_matrix

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """Build from one row per user and item, in any order; repeated pairs are added up.

        Parameters
        ----------
        frame
            Columns ``user_id``, ``item_id`` (strings) and ``weight`` (a finite number above zero).

        Raises
        ------
        ModelError
            If a column is missing, an id is null, or a weight is not a finite positive number.
        """
        _check(frame)
        # Sums of floats depend on their order, so the rows are put into one order first.
        ordered = frame[["user_id", "item_id", "weight"]].sort_values(["user_id", "item_id", "weight"])
        users, rows = _codes(ordered["user_id"])
        items, columns = _codes(ordered["item_id"])
        values = ordered["weight"].to_numpy(np.float64)
        weights = csr_matrix((values, (rows, columns)), shape=(len(users), len(items)))
        return cls(users=users, items=items, weights=weights.astype(np.float32))

    def aligned_to(self, items: Ids, users: Ids | None = None) -> csr_matrix:
        """The same weights over other lists of items and users.

        Parameters
        ----------
        items
            Shape (m,), ascending: the items of a fitted model. Other items are left out.
        users
            Shape (n,), ascending; the own users where it is not given. One without interactions gets
            an empty row; other users are left out.

        Returns
        -------
        csr_matrix
            Shape (n, m), float32, column indices ascending in each row.
        """
        rows_of = self.users if users is None else users
        entries = self.weights.tocoo()
        kept = np.isin(self.items, items)[entries.col] & np.isin(self.users, rows_of)[entries.row]
        rows = np.searchsorted(rows_of, self.users)[entries.row[kept]]
        columns = np.searchsorted(items, self.items)[entries.col[kept]]
        return csr_matrix((entries.data[kept], (rows, columns)), shape=(len(rows_of), len(items)))


def _check(frame: pd.DataFrame) -> None:
    missing = sorted({"user_id", "item_id", "weight"} - set(frame.columns))
    if missing:
        raise ModelError(f"interactions lack the columns {missing}; got {sorted(frame.columns)}")
    n_null = int(frame[["user_id", "item_id"]].isna().any(axis=1).sum())
    if n_null:
        raise ModelError(f"interactions have {n_null} rows with no user_id or item_id; drop them")
    weight = frame["weight"].to_numpy(np.float64)
    n_bad = int((~np.isfinite(weight) | (weight <= 0)).sum())
    if n_bad:
        raise ModelError(f"interactions have {n_bad} weights that are not finite and above 0; drop them")


def _codes(ids: pd.Series) -> tuple[Ids, npt.NDArray[np.intp]]:
    unique, codes = np.unique(ids.to_numpy(dtype=np.str_), return_inverse=True)
    return unique, codes
