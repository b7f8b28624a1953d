"""Least squares with a ridge penalty, on standardised columns."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.models.predictions.logistic import Logistic

Floats = npt.NDArray[np.float64]


class Ridge(Logistic):
    """A number as a weighted sum; columns are made alike as in `Logistic`, and saved alike."""

    def fit(self, design: pd.DataFrame, label: Floats) -> Self:
        """Solve the normal equations; the intercept is free of the penalty."""
        values = design.to_numpy(dtype=np.float64)
        self._fit_scale(values)
        table = self._standard(values)
        centre = table.mean(axis=0)
        moved = table - centre
        square = moved.T @ moved / len(label) + self.ridge * np.eye(table.shape[1])
        slopes = np.linalg.solve(square, moved.T @ (label - label.mean()) / len(label))
        self.weights = np.append(slopes, label.mean() - centre @ slopes)
        return self
