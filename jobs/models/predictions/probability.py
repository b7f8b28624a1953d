"""The probability that something happens: two learners, the better one chosen on held-out users, calibrated there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from jobs.core.errors import ModelError
from jobs.models.predictions.calibration import Calibrator, choose_calibrator
from jobs.models.predictions.head import Floats, Head, Ints, Kind
from jobs.models.predictions.logistic import Logistic
from jobs.models.storage import Arrays


class Probability(Head):
    """One calibrated probability; the margin is that of log-odds before calibration."""

    linear_type = Logistic
    objective = "binary"

    calibrator: Calibrator

    def predict(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): calibrated probabilities."""
        return self.calibrator.apply(self.margin(design))

    def _check(self, told: Floats) -> None:
        if len(told) < self.params.min_rows:
            raise ModelError(f"at least {self.params.min_rows} labelled rows are needed; got {len(told)}")
        fewest = min(int(told.sum()), int(len(told) - told.sum()))
        if fewest < self.params.folds:
            raise ModelError(f"labels of both 0 and 1 are needed, {self.params.folds} of each; got {fewest} of one")

    def _needed(self, target: Floats) -> Mapping[str, npt.NDArray[np.bool_]]:
        return {"labels 0": target == 0, "labels 1": target == 1}

    def _losses(self, margins: Mapping[Kind, Floats], target: Floats) -> dict[str, float]:
        return {kind: _log_loss(target, expit(margin)) for kind, margin in margins.items()}

    def _measure(self, margin: Floats, told: Floats, fold: Ints) -> None:
        self.calibrator = choose_calibrator(margin, told, fold)

    def _own_arrays(self) -> Arrays:
        return {"x": self.calibrator.x, "y": self.calibrator.y}

    def _own_words(self) -> dict[str, Any]:
        return {"calibration": self.calibrator.method}

    def _restore(self, told: Mapping[str, Any], arrays: Arrays) -> None:
        self.calibrator = Calibrator(told["calibration"], arrays["x"], arrays["y"])


def _log_loss(label: Floats, told: Floats) -> float:
    return float(-np.log(np.where(label > 0, told, 1.0 - told).clip(1e-15)).mean())
