"""Logistic regression with a ridge penalty, on standardised columns."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from jobs.models.storage import Arrays

Floats = npt.NDArray[np.float64]

CLIP = 4.0  # standard deviations: one customer of a million would bend a line
TOLERANCE = 1e-7


class Logistic:
    """Log-odds as a weighted sum.

    Parameters
    ----------
    ridge
        Weight of half the squared coefficients beside the mean log-loss; the intercept is free.
    """

    def __init__(self, ridge: float) -> None:
        self.ridge = ridge
        self.mean = self.scale = self.weights = np.empty(0)

    def fit(self, design: pd.DataFrame, label: Floats) -> Self:
        """Learn from rows without class weights: the probabilities stay those of the rows."""
        values = design.to_numpy(dtype=np.float64)
        self._fit_scale(values)
        table = np.column_stack([self._standard(values), np.ones(len(values))])
        found = minimize(
            self._loss, np.zeros(table.shape[1]), (table, label), method="L-BFGS-B", jac=True,
            options={"maxiter": 300, "gtol": TOLERANCE},
        )  # fmt: skip
        self.weights = found.x
        return self

    def margin(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): log-odds."""
        table = self._standard(design.to_numpy(dtype=np.float64))
        return np.asarray(table @ self.weights[:-1] + self.weights[-1])

    def contributions(self, design: pd.DataFrame) -> Floats:
        """Shape (n, n_columns): what each column adds to the log-odds of an average user; exact SHAP values."""
        return np.asarray(self._standard(design.to_numpy(dtype=np.float64)) * self.weights[:-1])

    def arrays(self) -> Arrays:
        """What `load` needs."""
        return {"mean": self.mean, "scale": self.scale, "weights": self.weights}

    @classmethod
    def load(cls, ridge: float, arrays: Arrays) -> Self:
        """The model that gave the arrays."""
        model = cls(ridge)
        model.mean, model.scale, model.weights = (arrays[name] for name in ("mean", "scale", "weights"))
        return model

    def _fit_scale(self, values: Floats) -> None:
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        self.mean = np.where(known, values, 0.0).sum(axis=0) / count
        deviation = np.sqrt((np.where(known, values - self.mean, 0.0) ** 2).sum(axis=0) / count)
        # A constant column says nothing; its standardised values are all 0.
        self.scale = np.where(deviation > 1e-9, deviation, np.inf)

    def _standard(self, values: Floats) -> Floats:
        """Unknown values are taken as average ones."""
        return np.asarray(np.nan_to_num(((values - self.mean) / self.scale).clip(-CLIP, CLIP)))

    def _loss(self, weights: Floats, table: Floats, label: Floats) -> tuple[float, Floats]:
        margin = table @ weights
        bent = np.append(weights[:-1], 0.0)
        loss = float((np.logaddexp(0.0, margin) - label * margin).mean() + self.ridge * (bent @ bent) / 2)
        slope = table.T @ (expit(margin) - label) / len(label) + self.ridge * bent
        return loss, slope
