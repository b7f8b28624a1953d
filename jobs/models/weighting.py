"""Weights of interactions by BM25: a heavy user's and a common item's count for less."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

# Saturation and length normalisation as in implicit's `bm25_weight`; text search uses k1 near 1.2,
# but play and purchase counts are wanted nearly unsaturated.
K1 = 100.0
B = 0.8


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
    """

    idf: npt.NDArray[np.float32]
    average_length: float

    @classmethod
    def fit(cls, weights: csr_matrix) -> Self:
        """Measure the training matrix, shape (n_users, n_items)."""
        n_users = weights.shape[0]
        owners = np.bincount(weights.indices, minlength=weights.shape[1])
        idf = np.log1p((n_users - owners + 0.5) / (owners + 0.5))
        return cls(idf=idf.astype(np.float32), average_length=float(weights.sum(dtype=np.float64)) / n_users)

    def transform(self, weights: csr_matrix) -> csr_matrix:
        """Weight any users' histories; shape and stored entries stay, float32."""
        lengths = np.asarray(weights.sum(axis=1, dtype=np.float64)).ravel()
        norm = (1.0 - B) + B * lengths / self.average_length
        per_entry = np.repeat(norm, np.diff(weights.indptr))
        raw = weights.data.astype(np.float64)
        data = raw * (K1 + 1.0) / (K1 * per_entry + raw) * self.idf[weights.indices]
        return csr_matrix((data.astype(np.float32), weights.indices, weights.indptr), shape=weights.shape)
