"""Implicit alternating least squares (Hu, Koren and Volinsky, 2008) with users folded in at call time."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.lists import Scores
from jobs.models.protocol import Recommender
from jobs.models.storage import Arrays
from jobs.models.weighting import Bm25

Weighting = Literal["bm25", "confidence"]


TINY = 1e-9  # stands for "above zero"


class AlsRecommender(Recommender):
    """Item factors by ALS; a user's factors are solved from the history that comes with the call.

    Confidence of an interaction is 1 + alpha * w, where w is its weight (``confidence``) or the BM25
    weight of it (``bm25``).

    Parameters
    ----------
    factors
        Length of an item's vector, at least 1.
    regularization
        Added to the diagonal of each least squares problem, above 0.
    iterations
        Sweeps over users and items, at least 1.
    alpha
        How fast confidence grows with weight, above 0.
    weighting
        ``bm25`` or ``confidence``.
    bm25_k1, bm25_b
        Of `Bm25`; the defaults are those of implicit. Not used with ``confidence``.
    seed
        Of the first random factors.
    """

    name = "als"

    item_factors: npt.NDArray[np.float32]
    _bm25: Bm25

    def __init__(
        self,
        factors: int = 64,
        regularization: float = 0.05,
        iterations: int = 15,
        alpha: float = 1.0,
        weighting: Weighting = "bm25",
        bm25_k1: float = 100.0,
        bm25_b: float = 0.8,
        seed: int = 0,
    ) -> None:
        if weighting not in get_args(Weighting):
            raise ModelError(f"model 'als': weighting must be one of {get_args(Weighting)}; got '{weighting}'")
        _check_at_least(1, factors=factors, iterations=iterations)
        _check_at_least(TINY, regularization=regularization, alpha=alpha, bm25_k1=bm25_k1)
        self.factors = factors
        self.regularization = regularization
        self.iterations = iterations
        self.alpha = alpha
        self.weighting: Weighting = weighting
        self.bm25_k1 = bm25_k1
        self.bm25_b = bm25_b
        self.seed = seed

    @property
    def params(self) -> dict[str, float | int | str]:
        """Parameters of the constructor."""
        return {
            "factors": self.factors,
            "regularization": self.regularization,
            "iterations": self.iterations,
            "alpha": self.alpha,
            "weighting": self.weighting,
            "bm25_k1": self.bm25_k1,
            "bm25_b": self.bm25_b,
            "seed": self.seed,
        }

    def _fit(self, interactions: Interactions, popularity: Scores) -> None:
        self._bm25 = Bm25.fit(interactions.weights, self.bm25_k1, self.bm25_b)
        solver = self._solver()
        # implicit runs its own threads; those of OpenBLAS on top slow it down several times.
        with threadpool_limits(1, user_api="blas"):
            solver.fit(self._confidence(interactions.weights), show_progress=False)
        if not np.isfinite(solver.item_factors).all():
            raise ModelError("model 'als': factors are not finite; raise regularization or lower alpha")
        self.item_factors = solver.item_factors

    def _score(self, history: csr_matrix) -> Scores:
        with threadpool_limits(1, user_api="blas"):
            return self.user_factors(history) @ self.item_factors.T

    def user_factors(self, history: csr_matrix) -> npt.NDArray[np.float32]:
        """Fold users in: the exact least squares solution given the item factors.

        Parameters
        ----------
        history
            Shape (n_users, n_items), float32, over ``items``.

        Returns
        -------
        ndarray
            Shape (n_users, factors), float32; zeros for a user without a known item.
        """
        solver = self._solver()
        solver.item_factors = self.item_factors
        solved = solver.recalculate_user(np.arange(history.shape[0]), self._confidence(history))
        return np.asarray(solved, dtype=np.float32)

    def _solver(self) -> AlternatingLeastSquares:
        with threadpool_limits(1, user_api="blas"):
            return AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularization,
                iterations=self.iterations,
                random_state=self.seed,
            )

    def _confidence(self, weights: csr_matrix) -> csr_matrix:
        weighted = self._bm25.transform(weights) if self.weighting == "bm25" else weights.astype(np.float32)
        data = np.float32(1) + np.float32(self.alpha) * weighted.data
        return csr_matrix((data, weighted.indices, weighted.indptr), shape=weighted.shape)

    def _arrays(self) -> Arrays:
        average_length = np.array(self._bm25.average_length)
        return {"item_factors": self.item_factors, "idf": self._bm25.idf, "average_length": average_length}

    def _restore(self, arrays: Arrays) -> None:
        self.item_factors = arrays["item_factors"]
        self._bm25 = Bm25(arrays["idf"], float(arrays["average_length"]), self.bm25_k1, self.bm25_b)


def _check_at_least(least: float, **params: float) -> None:
    for name, value in params.items():
        if value < least:
            raise ModelError(f"model 'als': {name} must be at least {least:g}; got {value}")
