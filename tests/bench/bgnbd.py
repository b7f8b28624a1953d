"""BG/NBD, the probabilistic baseline of churn: Fader, Hardie and Lee, "Counting your customers" the easy way (2005).

Maximum likelihood by the paper's equation 6, expected purchases by its equation 10.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

Floats = npt.NDArray[np.float64]
START = (0.5, 0.7, 60.0, 3.0)  # r, a, alpha (days), b: any sensible point finds the same optimum


@dataclass(frozen=True)
class Buyers:
    """Customers as the model sees them, each of shape (n,), days.

    Attributes
    ----------
    repeats
        Days with a purchase after the first one.
    recency
        From the first to the last purchase.
    age
        From the first purchase to the cut.
    """

    repeats: Floats
    recency: Floats
    age: Floats


def fit(buyers: Buyers) -> Floats:
    """Shape (4,): r, a, alpha, b."""
    x, last, age = buyers.repeats, buyers.recency, buyers.age

    def loss(logs: Floats) -> float:
        r, a, alpha, b = np.exp(logs)
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        dying = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        alive = -(r + x) * np.log(alpha + age)
        gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + last)
        return float(-(shared + dying + np.logaddexp(alive, np.where(x > 0, gone, -np.inf))).mean())

    found = minimize(loss, np.log(START), method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-9})
    return np.asarray(np.exp(found.x))


def expected_purchases(params: Floats, buyers: Buyers, days: float) -> Floats:
    """Shape (n,): purchases expected in the `days` after the cut."""
    r, a, alpha, b = params
    x, last, age = buyers.repeats, buyers.recency, buyers.age
    shrink = ((alpha + age) / (alpha + age + days)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, days / (alpha + age + days))
    odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + last)) ** (r + x), 0.0)
    return np.asarray((a + b + x - 1) / (a - 1) * (1 - shrink * series) / (1 + odds))
