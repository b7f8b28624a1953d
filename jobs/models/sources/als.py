"""Implicit alternating least squares (Hu, Koren and Volinsky, 2008) with users folded in at call time."""

from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.als_solver import Engine, Factors, solver_of
from jobs.models.sources.factor_source import FactorSource
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.signal import Signal, checked_signal, signal_of
from jobs.models.sources.source import Params
from jobs.models.storage import Arrays
from jobs.models.weighting import Bm25

Weighting = Literal["bm25", "confidence"]


class Als(FactorSource):
    """Item factors by ALS; a user's factors are solved from the history that comes with the call.

    Confidence of an interaction is 1 + alpha * w, where w is its decayed signal (``confidence``) or the BM25
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
        Of `Bm25`. Not used with ``confidence``.
    half_life_days
        After so many days an event counts half, in training and in folding in.
    signal
        ``goal`` or ``interest``; see `Signal`.
    seed
        Of the first random factors.
    engine
        Who solves the item factors: ``local`` or ``spark``; see `AlsSolver`. Users are always folded in here.
    """

    name = "als"
    reason = "like_your_taste"
    fit_effort = 10

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
        half_life_days: float = 60.0,
        signal: Signal = "goal",
        seed: int = 0,
        engine: Engine = "local",
    ) -> None:
        if weighting not in get_args(Weighting):
            raise ModelError(f"source 'als': weighting must be one of {get_args(Weighting)}; got '{weighting}'")
        check_at_least(self.name, 1, factors=factors, iterations=iterations)
        check_at_least(self.name, TINY, regularization=regularization, alpha=alpha, bm25_k1=bm25_k1)
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        self.factors = factors
        self.regularization = regularization
        self.iterations = iterations
        self.alpha = alpha
        self.weighting: Weighting = weighting
        self.bm25_k1 = bm25_k1
        self.bm25_b = bm25_b
        self.half_life_days = half_life_days
        self.signal: Signal = checked_signal(self.name, signal)
        self.seed = seed
        self.engine: Engine = engine

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "factors": self.factors,
            "regularization": self.regularization,
            "iterations": self.iterations,
            "alpha": self.alpha,
            "weighting": self.weighting,
            "bm25_k1": self.bm25_k1,
            "bm25_b": self.bm25_b,
            "half_life_days": self.half_life_days,
            "signal": self.signal,
            "seed": self.seed,
            "engine": self.engine,
        }

    def restore(self, items: Ids, item_factors: Factors, bm25: Bm25) -> Self:
        """Take over factors that were solved elsewhere, from histories that are not here.

        Parameters
        ----------
        items
            Shape (n_items,), ascending.
        item_factors
            Shape (n_items, factors), float32, by the parameters of this source.
        bm25
            Of the histories they were solved from.
        """
        self._items, self.item_factors, self._bm25 = items, item_factors, bm25
        return self

    def _fit(self, past: Past) -> None:
        weights = self._weights(past.history)
        if not weights.nnz:
            raise ModelError(f"source 'als': nobody has any '{self.signal}' up to {past.history.cut}")
        self._bm25 = Bm25.fit(weights, self.bm25_k1, self.bm25_b)
        self.item_factors = self._solved(self._confidence(weights))
        if not np.isfinite(self.item_factors).all():
            raise ModelError("source 'als': factors are not finite; raise regularization or lower alpha")

    def _solved(self, confidence: csr_matrix) -> Factors:
        if self.engine != "local":
            found = solver_of(self.engine)
            return found.solve(confidence, self.factors, self.regularization, self.iterations, self.seed)
        solver = self._solver()
        # implicit runs its own threads; those of OpenBLAS on top slow it down several times.
        with threadpool_limits(1, user_api="blas"):
            solver.fit(confidence, show_progress=False)
        return np.asarray(solver.item_factors, dtype=np.float32)

    def _score(self, history: History) -> Scores:
        with threadpool_limits(1, user_api="blas"):
            return self.user_factors(history) @ self.item_factors.T

    def user_factors(self, history: History) -> npt.NDArray[np.float32]:
        """Fold users in: the exact least squares solution given the item factors.

        Returns
        -------
        ndarray
            Shape (n_users, factors), float32; zeros for a user without a known item.
        """
        solver = self._solver()
        solver.item_factors = self.item_factors
        confidence = self._confidence(self._weights(history))
        solved = solver.recalculate_user(np.arange(len(history.users)), confidence)
        return np.asarray(solved, dtype=np.float32)

    def _solver(self) -> AlternatingLeastSquares:
        with threadpool_limits(1, user_api="blas"):
            return AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularization,
                iterations=self.iterations,
                random_state=self.seed,
            )

    def _weights(self, history: History) -> csr_matrix:
        return history.matrix(signal_of(history, self.signal), self.half_life_days)

    def _confidence(self, weights: csr_matrix) -> csr_matrix:
        weighted = self._bm25.transform(weights) if self.weighting == "bm25" else weights
        data = np.float32(1) + np.float32(self.alpha) * weighted.data
        return csr_matrix((data, weighted.indices, weighted.indptr), shape=weighted.shape)

    def _arrays(self) -> Arrays:
        average_length = np.array(self._bm25.average_length)
        return {"item_factors": self.item_factors, "idf": self._bm25.idf, "average_length": average_length}

    def _restore(self, arrays: Arrays) -> None:
        self.item_factors = arrays["item_factors"]
        self._bm25 = Bm25(arrays["idf"], float(arrays["average_length"]), self.bm25_k1, self.bm25_b)
