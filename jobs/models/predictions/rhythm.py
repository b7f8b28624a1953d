"""How often somebody comes while they still come, and whether they have left: BG/NBD, fitted on silence alone.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way (2005). The likelihood is their equation 6, expected
visits their equation 10 after Euler's transformation of the series, which neither overflows nor loses digits where
somebody came on hundreds of days. Nothing here looks at a label.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

Floats = npt.NDArray[np.float64]

START = (0.5, 0.7, 60.0, 3.0)  # r, a, alpha (days), b: any sensible point finds the same optimum
BOUNDS = ((-7.0, 5.0), (-7.0, 5.0), (-3.0, 9.0), (-7.0, 5.0))  # of their logarithms: some logs have no best point
MOST_ROWS = 20_000  # four numbers need no more
ODDS = 12.0  # log-odds beyond it say no more


@dataclass(frozen=True)
class Days:
    """Days on which users came, each of shape (n,).

    Attributes
    ----------
    repeats
        Days after the first one.
    recency
        Days from the first to the last.
    age
        Days from the first to the cut.
    """

    repeats: Floats
    recency: Floats
    age: Floats

    @classmethod
    def of_features(cls, features: pd.DataFrame) -> Self:
        """From `n_active_days`, `tenure_days` and `days_since_event`."""
        told = {name: features[name].to_numpy(dtype=np.float64) for name in ("n_active_days", "tenure_days")}
        age, silence = told["tenure_days"], features["days_since_event"].to_numpy(dtype=np.float64)
        # Whose events all came late has no day that came in time.
        return cls((told["n_active_days"] - 1).clip(0.0), (age - silence).clip(0.0), age)

    def some(self, most: int) -> "Days":
        """Every second, third, ... row, so that at most so many are left."""
        step = -(-len(self.age) // most) or 1
        return Days(self.repeats[::step], self.recency[::step], self.age[::step])


@dataclass(frozen=True)
class Rhythm:
    """Visits follow (r, alpha), leaving follows (a, b); alpha in days.

    Attributes
    ----------
    params
        Shape (4,): r, a, alpha, b.
    """

    params: Floats

    @property
    def usual_gap(self) -> float:
        """Days between two visits of somebody who comes at the mean rate."""
        return float((self.params[2] / self.params[0]).clip(0.25, 365.0))

    @classmethod
    def fit(cls, days: Days) -> Self:
        """Maximum likelihood of at most `MOST_ROWS` users."""
        some = days.some(MOST_ROWS)
        found = minimize(
            lambda logs: -float(_log_likelihood(np.exp(logs), some).mean()), np.log(START), method="Nelder-Mead",
            bounds=BOUNDS, options={"maxiter": 2_000, "fatol": 1e-7, "xatol": 1e-4},
        )  # fmt: skip
        return cls(np.exp(found.x))

    def expected(self, days: Days, within: float) -> Floats:
        """Shape (n,): days with a visit expected in the next `within` days."""
        r, a, alpha, b = self.params
        share = within / (alpha + days.age + within)
        top = a + b + days.repeats - 1
        kept = (1 - share) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, top, share)
        gone = np.where(days.repeats > 0, np.exp(self.odds_gone(days)), 0.0)
        found = top / (a - 1) * (1 - kept) / (1 + gone)
        return np.asarray(np.nan_to_num(found).clip(0.0, within))

    def odds_gone(self, days: Days) -> Floats:
        """Shape (n,): log-odds of having left; the least for who came on one day, of whom nothing says so."""
        r, a, alpha, b = self.params
        silent = (r + days.repeats) * np.log((alpha + days.age) / (alpha + days.recency))
        odds = np.log(a) - np.log(b + np.maximum(days.repeats, 1) - 1) + silent
        return np.where(days.repeats > 0, odds, -ODDS).clip(-ODDS, ODDS)


def _log_likelihood(params: Floats, days: Days) -> Floats:
    """Shape (n,)."""
    r, a, alpha, b = params
    x = days.repeats
    visits = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    leaving = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + days.age)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + days.recency)
    return np.asarray(visits + leaving + np.logaddexp(stays, np.where(x > 0, gone, -np.inf)))
