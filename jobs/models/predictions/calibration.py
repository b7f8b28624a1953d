"""From a score to a probability that means what it says: Platt's line, or isotonic steps.

Platt (1999) fits a line on the log-odds. Isotonic regression (pool adjacent violators; Ayer et al., 1955) fits any
rising curve, and needs more rows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Method = Literal["platt", "isotonic"]

EDGE = 1e-4  # no probability is certain: a step of pure labels would cost an infinite log-loss


@dataclass(frozen=True)
class Calibrator:
    """A rising map from log-odds to probability.

    Attributes
    ----------
    method
        `platt` or `isotonic`.
    x, y
        Of `platt`: slope and intercept, in x. Of `isotonic`: shape (n_steps,) knots, between which lines run.
    """

    method: Method
    x: Floats
    y: Floats

    def apply(self, margin: Floats) -> Floats:
        """Shape (n,): probabilities strictly between 0 and 1."""
        is_line = self.method == "platt"
        found = expit(self.x[0] * margin + self.x[1]) if is_line else np.interp(margin, self.x, self.y)
        return np.asarray(found.clip(EDGE, 1.0 - EDGE))


def fit_platt(margin: Floats, label: Floats) -> Calibrator:
    """A line on the log-odds; its slope is kept above zero, so that no order turns round."""

    def loss(line: Floats) -> tuple[float, Floats]:
        value = line[0] * margin + line[1]
        off = (expit(value) - label) / len(label)
        return float((np.logaddexp(0.0, value) - label * value).mean()), np.array([off @ margin, off.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(1e-3, None), (None, None)])
    return Calibrator("platt", found.x, np.empty(0))


def fit_isotonic(margin: Floats, label: Floats) -> Calibrator:
    """Rising steps, joined by lines between the middles of the steps."""
    order = np.argsort(margin, kind="stable")
    steps = isotonic_regression(label[order])
    edges = steps.blocks
    sizes = np.diff(edges)
    middles = np.add.reduceat(margin[order], edges[:-1]) / sizes
    return Calibrator("isotonic", middles, np.asarray(steps.x[edges[:-1]], dtype=np.float64))


def choose_calibrator(margin: Floats, label: Floats, fold: npt.NDArray[np.int64]) -> Calibrator:
    """The method with the less log-loss on folds it was not fitted on, fitted on all rows; Platt where equal."""
    losses = {method: _held_out_loss(method, margin, label, fold) for method in FITTERS}
    best: Method = "isotonic" if losses["isotonic"] < losses["platt"] else "platt"
    return FITTERS[best](margin, label)


FITTERS = {"platt": fit_platt, "isotonic": fit_isotonic}


def _held_out_loss(method: str, margin: Floats, label: Floats, fold: npt.NDArray[np.int64]) -> float:
    total = 0.0
    for each in np.unique(fold):
        out = fold == each
        told = FITTERS[method](margin[~out], label[~out]).apply(margin[out])
        total -= float(np.log(np.where(label[out] > 0, told, 1.0 - told)).sum())
    return total / len(label)
