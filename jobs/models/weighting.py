"""Weights of interactions by BM25: a heavy user's and a common item's count for less."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Bm25:
    """BM25 over users as documents and items as terms (Robertson and Zaragoza, 2009).

    What it keeps is about items and averages only, so that a history that came later is weighted as
    in training without a table of users.

    Attributes
    ----------
    idf
        Shape (n_items,), float32, above zero: log(1 + (N - n + 0.5) / (n + 0.5)) for N users of which
        n have had the item. The form without "1 +" turns negative for an item that most users have.
    average_length
        Mean sum of weights of a user in training.
    k1
        Weight near which repeats stop counting, above 0: 1.2 in text search, 100 in implicit.
    b
        How much long histories are discounted: 0 not at all, 1 in full.
    """

    idf: npt.NDArray[np.float32]
    average_length: float
    k1: float
    b: float

    @classmethod
    def fit(cls, weights: csr_matrix, k1: float, b: float) -> Self:
        """Measure the training matrix, shape (n_users, n_items)."""
        n_users = weights.shape[0]
        owners = np.bincount(weights.indices, minlength=weights.shape[1])
        return cls.of_owners(owners, n_users, float(weights.sum(dtype=np.float64)) / n_users, k1, b)

    @classmethod
    def of_owners(
        cls, owners: npt.NDArray[np.number], n_users: int, average_length: float, k1: float, b: float
    ) -> Self:
        """From counts of users who have had each item, shape (n_items,)."""
        idf = np.log1p((n_users - owners + 0.5) / (owners + 0.5))
        return cls(idf=idf.astype(np.float32), average_length=average_length, k1=k1, b=b)

    def transform(self, weights: csr_matrix) -> csr_matrix:
        """Weight any users' histories; shape and stored entries stay, float32."""
        lengths = np.asarray(weights.sum(axis=1, dtype=np.float64)).ravel()
        norm = (1.0 - self.b) + self.b * lengths / self.average_length
        per_entry = np.repeat(norm, np.diff(weights.indptr))
        raw = weights.data.astype(np.float64)
        data = raw * (self.k1 + 1.0) / (self.k1 * per_entry + raw) * self.idf[weights.indices]
        return csr_matrix((data.astype(np.float32), weights.indices, weights.indptr), shape=weights.shape)
