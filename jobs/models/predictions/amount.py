"""An expected amount with an interval.

Two learners of ``log(1 + amount)`` order users; the one with the less squared error on held-out users is served. The
expectation is the rising curve (isotonic regression) from that score to what held-out users brought. The interval
is split conformal within bins of the score (Mondrian; Vovk et al., 2005): in each bin the quantiles of it.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.models.predictions.calibration import fit_isotonic
from jobs.models.predictions.probability import KINDS, Kind, ProbabilityParams
from jobs.models.predictions.ridge import Ridge
from jobs.models.predictions.trees import Trees
from jobs.models.storage import Arrays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BINS = 10


class Amount:
    """One expected amount of a design's rows; the same faces as `Probability`.

    Parameters
    ----------
    params
        Settings of the learners.
    coverage
        Share of users whose amount is to lie in their interval.
    kind
        Who is served; None lets `fit` choose.
    """

    def __init__(self, params: ProbabilityParams, coverage: float, kind: Kind | None = None) -> None:
        self.params, self.coverage, self.asked = params, coverage, kind
        self.kind: Kind = kind or "logistic"
        self.losses: dict[str, float] = {}

    def fit(self, design: pd.DataFrame, amount: Floats, fold: Ints) -> Self:
        """Choose and measure on held-out users, then learn from all rows.

        Raises
        ------
        ModelError
            If there are too few rows, or too few of them brought anything.
        """
        if len(design) < self.params.min_rows or int((amount > 0).sum()) < self.params.folds:
            raise ModelError(
                f"at least {self.params.min_rows} labelled rows are needed, {self.params.folds} of them with an "
                f"amount; got {len(design)} and {int((amount > 0).sum())}"
            )
        target = np.log1p(amount)
        scores = self._held_out(design, target, fold)
        self.losses = {kind: float(((scores[kind] - target) ** 2).mean()) for kind in KINDS}
        best: Kind = min(KINDS, key=lambda kind: (self.losses[kind], KINDS.index(kind)))
        self.kind = self.asked or best
        self._measure(scores[self.kind], amount)
        self.linear = Ridge(self.params.ridge).fit(design, target)
        self.trees = self._trees().fit(design, target) if self.kind != "logistic" else None
        return self

    def predict(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): expected amounts."""
        return np.asarray(np.interp(self.margin(design), self.x, self.y))

    def interval(self, design: pd.DataFrame) -> tuple[Floats, Floats]:
        """Two of shape (n,): ends of the interval, which holds the expectation too."""
        score = self.margin(design)
        place = np.searchsorted(self.edges, score, side="right")
        told = np.interp(score, self.x, self.y)
        return np.minimum(self.low[place], told), np.maximum(self.high[place], told)

    def margin(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): log(1 + amount), as the learners have it."""
        return np.asarray(np.mean([part.margin(design) for part in self._parts()], axis=0))

    def contributions(self, design: pd.DataFrame) -> Floats:
        """Shape (n, n_columns): what each column adds to the margin."""
        return np.asarray(np.mean([part.contributions(design) for part in self._parts()], axis=0))

    def arrays(self) -> Arrays:
        """Numbers of the model, without the trees."""
        own = {name: getattr(self, name) for name in ("x", "y", "edges", "low", "high")}
        return {**self.linear.arrays(), **own}

    def describe(self) -> dict[str, Any]:
        """Words of the model, without its numbers."""
        return {"kind": self.kind, "coverage": self.coverage, "losses": self.losses}

    @classmethod
    def load(cls, params: ProbabilityParams, told: Mapping[str, Any], arrays: Arrays, trees: str) -> Self:
        """The model of what `describe`, `arrays` and the trees' text gave."""
        model = cls(params, told["coverage"], told["kind"])
        model.losses = dict(told["losses"])
        for name in ("x", "y", "edges", "low", "high"):
            setattr(model, name, arrays[name])
        model.linear = Ridge.load(params.ridge, arrays)
        model.trees = Trees.load(params.lightgbm, params.seed, "regression", trees) if trees else None
        return model

    def _measure(self, score: Floats, amount: Floats) -> None:
        rising = fit_isotonic(score, amount)
        self.x, self.y = rising.x, rising.y
        self.edges: Floats = np.unique(np.quantile(score, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.searchsorted(self.edges, score, side="right")
        tail = (1.0 - self.coverage) / 2
        parts = [np.sort(amount[place == each]) for each in range(len(self.edges) + 1)]
        parts = [part if len(part) else np.sort(amount) for part in parts]
        self.low: Floats = np.array([_quantile(part, tail) for part in parts])
        # Many bring nothing: then nothing lies below the interval, and its upper end leaves out all of the rest.
        below = [float((part < low).mean()) for part, low in zip(parts, self.low, strict=True)]
        self.high: Floats = np.array(
            [_quantile(part, share + self.coverage) for part, share in zip(parts, below, strict=True)]
        )

    def _held_out(self, design: pd.DataFrame, target: Floats, fold: Ints) -> dict[str, Floats]:
        scores: dict[str, Floats] = {kind: np.zeros(len(target)) for kind in KINDS}
        for each in np.unique(fold):
            out = fold == each
            scores["logistic"][out] = Ridge(self.params.ridge).fit(design[~out], target[~out]).margin(design[out])
            scores["lightgbm"][out] = self._trees().fit(design[~out], target[~out]).margin(design[out])
        scores["mean"] = (scores["logistic"] + scores["lightgbm"]) / 2
        return scores

    def _trees(self) -> Trees:
        return Trees(self.params.lightgbm, self.params.seed, "regression")

    def _parts(self) -> list[Ridge | Trees]:
        if self.kind == "logistic" or self.trees is None:
            return [self.linear]
        return [self.trees] if self.kind == "lightgbm" else [self.linear, self.trees]


def _quantile(ordered: Floats, share: float) -> float:
    """The order statistic of split conformal prediction: rounded outwards, and capped by what was seen."""
    place = np.floor(share * (len(ordered) + 1)) - 1 if share < 0.5 else np.ceil(share * (len(ordered) + 1)) - 1
    return float(ordered[int(np.clip(place, 0, len(ordered) - 1))])
