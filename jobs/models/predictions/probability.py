"""The probability that something happens: two learners, the better one chosen on held-out users, calibrated there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from jobs.core.errors import ModelError
from jobs.models.predictions.calibration import Calibrator, choose_calibrator
from jobs.models.predictions.logistic import Logistic
from jobs.models.predictions.trees import Trees
from jobs.models.storage import Arrays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = Literal["logistic", "lightgbm", "mean"]

KINDS: tuple[Kind, ...] = ("logistic", "lightgbm", "mean")


@dataclass(frozen=True)
class ProbabilityParams:
    """Settings of both learners.

    Attributes
    ----------
    ridge
        Of the logistic regression.
    lightgbm
        Settings of the trees.
    folds
        Parts of the users that are held out in turn.
    min_rows
        Fewest rows to learn from.
    seed
        Of the trees.
    """

    ridge: float
    lightgbm: Mapping[str, Any]
    folds: int
    min_rows: int
    seed: int


class Probability:
    """One calibrated probability of a design's rows.

    Parameters
    ----------
    params
        Settings of the learners.
    kind
        Who is served; None lets `fit` choose.
    """

    def __init__(self, params: ProbabilityParams, kind: Kind | None = None) -> None:
        self.params, self.asked = params, kind
        self.kind: Kind = kind or "logistic"
        self.losses: dict[str, float] = {}

    def fit(self, design: pd.DataFrame, label: Floats, fold: Ints) -> Self:
        """Choose, calibrate on held-out users, then learn from all rows.

        Parameters
        ----------
        design
            One row per user and cut.
        label
            Shape (n,): 0 or 1.
        fold
            Shape (n,): all rows of a user are in one fold.

        Raises
        ------
        ModelError
            If there are too few rows, or one class only.
        """
        self._check(design, label)
        margins = self._held_out(design, label, fold)
        self.losses = {kind: _log_loss(label, expit(margins[kind])) for kind in KINDS}
        self.kind = self.asked or self._choose()
        self.calibrator = choose_calibrator(margins[self.kind], label, fold)
        self.logistic = Logistic(self.params.ridge).fit(design, label)
        self.trees = self._trees().fit(design, label) if self.kind != "logistic" else None
        return self

    def predict(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): calibrated probabilities."""
        return self.calibrator.apply(self.margin(design))

    def margin(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): log-odds before calibration; `mean` is the mean of both, so that contributions add up."""
        parts = [part.margin(design) for part in self._parts()]
        return np.asarray(np.mean(parts, axis=0))

    def contributions(self, design: pd.DataFrame) -> Floats:
        """Shape (n, n_columns): what each column adds to the log-odds before calibration."""
        return np.asarray(np.mean([part.contributions(design) for part in self._parts()], axis=0))

    def arrays(self) -> Arrays:
        """Numbers of the model, without the trees."""
        return {**self.logistic.arrays(), "x": self.calibrator.x, "y": self.calibrator.y}

    def describe(self) -> dict[str, Any]:
        """Words of the model, without its numbers."""
        return {"kind": self.kind, "calibration": self.calibrator.method, "losses": self.losses}

    @classmethod
    def load(cls, params: ProbabilityParams, told: Mapping[str, Any], arrays: Arrays, trees: str) -> Self:
        """The model of what `describe`, `arrays` and the trees' text gave."""
        model = cls(params, told["kind"])
        model.losses = dict(told["losses"])
        model.calibrator = Calibrator(told["calibration"], arrays["x"], arrays["y"])
        model.logistic = Logistic.load(params.ridge, arrays)
        model.trees = Trees.load(params.lightgbm, params.seed, "binary", trees) if trees else None
        return model

    def _parts(self) -> list[Logistic | Trees]:
        if self.kind == "logistic" or self.trees is None:
            return [self.logistic]
        return [self.trees] if self.kind == "lightgbm" else [self.logistic, self.trees]

    def _choose(self) -> Kind:
        """The least log-loss on held-out users; a tree that is no better than the regression is never taken."""
        return min(KINDS, key=lambda kind: (self.losses[kind], KINDS.index(kind)))

    def _held_out(self, design: pd.DataFrame, label: Floats, fold: Ints) -> dict[str, Floats]:
        margins: dict[str, Floats] = {kind: np.zeros(len(label)) for kind in KINDS}
        for each in np.unique(fold):
            out = fold == each
            margins["logistic"][out] = Logistic(self.params.ridge).fit(design[~out], label[~out]).margin(design[out])
            margins["lightgbm"][out] = self._trees().fit(design[~out], label[~out]).margin(design[out])
        margins["mean"] = (margins["logistic"] + margins["lightgbm"]) / 2
        return margins

    def _trees(self) -> Trees:
        return Trees(self.params.lightgbm, self.params.seed)

    def _check(self, design: pd.DataFrame, label: Floats) -> None:
        if len(design) < self.params.min_rows:
            raise ModelError(f"at least {self.params.min_rows} labelled rows are needed; got {len(design)}")
        fewest = min(int(label.sum()), int(len(label) - label.sum()))
        if fewest < self.params.folds:
            raise ModelError(f"labels of both 0 and 1 are needed, {self.params.folds} of each; got {fewest} of one")


def _log_loss(label: Floats, told: Floats) -> float:
    return float(-np.log(np.where(label > 0, told, 1.0 - told).clip(1e-15)).mean())
