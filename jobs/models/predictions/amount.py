"""An expected amount with an interval.

Two learners of ``log(1 + amount)`` order users; the one with the less squared error on held-out users is served. The
expectation is the rising curve (isotonic regression) from that score to what held-out users brought. The interval
is split conformal within bins of the score (Mondrian; Vovk et al., 2005): in each bin the quantiles of it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.models.predictions.calibration import fit_isotonic
from jobs.models.predictions.head import Floats, Head, HeadParams, Ints, Kind
from jobs.models.predictions.ridge import Ridge
from jobs.models.storage import Arrays

BINS = 10
_NUMBERS = ("x", "y", "edges", "low", "high")


class Amount(Head):
    """One expected amount; the margin is log(1 + amount), as the learners have it.

    Attributes
    ----------
    coverage
        Share of users whose amount is to lie in their interval.
    """

    linear_type = Ridge
    objective = "regression"

    x: Floats
    y: Floats
    edges: Floats
    low: Floats
    high: Floats

    def __init__(self, params: HeadParams, kind: Kind | None = None, coverage: float = np.nan) -> None:
        super().__init__(params, kind)
        self.coverage = coverage

    def predict(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): expected amounts."""
        return np.asarray(np.interp(self.margin(design), self.x, self.y))

    def interval(self, design: pd.DataFrame) -> tuple[Floats, Floats]:
        """Two of shape (n,): ends of the interval, which holds the expectation too."""
        score = self.margin(design)
        place = np.searchsorted(self.edges, score, side="right")
        told = np.interp(score, self.x, self.y)
        return np.minimum(self.low[place], told), np.maximum(self.high[place], told)

    def _check(self, told: Floats) -> None:
        n_some = int((told > 0).sum())
        if len(told) < self.params.min_rows or n_some < self.params.folds:
            raise ModelError(
                f"at least {self.params.min_rows} labelled rows are needed, {self.params.folds} of them with an "
                f"amount; got {len(told)} and {n_some}"
            )

    def _needed(self, target: Floats) -> Mapping[str, npt.NDArray[np.bool_]]:
        return {"amounts": target > 0}

    def _target(self, told: Floats) -> Floats:
        return np.asarray(np.log1p(told))

    def _losses(self, margins: Mapping[Kind, Floats], target: Floats) -> dict[str, float]:
        return {kind: float(((margin - target) ** 2).mean()) for kind, margin in margins.items()}

    def _measure(self, margin: Floats, told: Floats, fold: Ints) -> None:
        rising = fit_isotonic(margin, told)
        self.x, self.y = rising.x, rising.y
        self.edges = np.unique(np.quantile(margin, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.searchsorted(self.edges, margin, side="right")
        tail = (1.0 - self.coverage) / 2
        parts = [np.sort(told[place == each]) for each in range(len(self.edges) + 1)]
        parts = [part if len(part) else np.sort(told) for part in parts]
        self.low = np.array([_quantile(part, tail) for part in parts])
        # Many bring nothing: then nothing lies below the interval, and its upper end leaves out all of the rest.
        below = [float((part < low).mean()) for part, low in zip(parts, self.low, strict=True)]
        self.high = np.array(
            [_quantile(part, share + self.coverage) for part, share in zip(parts, below, strict=True)]
        )

    def _own_arrays(self) -> Arrays:
        return {name: getattr(self, name) for name in _NUMBERS}

    def _own_words(self) -> dict[str, Any]:
        return {"coverage": self.coverage}

    def _restore(self, told: Mapping[str, Any], arrays: Arrays) -> None:
        self.coverage = told["coverage"]
        for name in _NUMBERS:
            setattr(self, name, arrays[name])


def _quantile(ordered: Floats, share: float) -> float:
    """The order statistic of split conformal prediction: rounded outwards, and capped by what was seen."""
    place = np.floor(share * (len(ordered) + 1)) - 1 if share < 0.5 else np.ceil(share * (len(ordered) + 1)) - 1
    return float(ordered[int(np.clip(place, 0, len(ordered) - 1))])
