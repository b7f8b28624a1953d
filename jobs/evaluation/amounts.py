"""How well an expected amount orders users by what came."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]


def compute_gini(amounts: Floats, scores: Floats) -> float:
    """Normalised Gini: 1 for the order of the amounts themselves, 0 for chance; ties count half.

    Parameters
    ----------
    amounts
        Shape (n,), not negative.
    scores
        Shape (n,): whoever has more is expected to bring more.
    """
    best = _gini(amounts, amounts)
    return _gini(amounts, scores) / best if best > 0 else 0.0


def _gini(amounts: Floats, scores: Floats) -> float:
    """Covariance of amounts and mid-ranks, over their mean: twice the area between Lorenz curve and diagonal."""
    n, total = len(amounts), float(amounts.sum())
    if n == 0 or total <= 0:
        return 0.0
    ranks = (rankdata(scores) - (n + 1) / 2) / n
    return float(2.0 * (amounts @ ranks) / total)
