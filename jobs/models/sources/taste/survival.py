"""Whether a silent user is still there.

Visits are Poisson until the user leaves, which may happen on any day alike (Schmittlein, Morrison and Colombo, 1987).
"""

import numpy as np

from jobs.models.sources.taste.latent import Floats

LEAVE_RATES = np.geomspace(1e-4, 0.3, 40)
"""Per day: from hardly ever to within days. A grid, for the likelihood in one number needs no better search."""


def probability_alive(rate: Floats, silent_days: Floats, leave_rate: float) -> Floats:
    """Chance that a user who visits ``rate`` times a day, last seen so many days ago, has not left; shape (n,)."""
    both = rate + leave_rate
    stayed = np.exp(-both * silent_days)
    return np.asarray(stayed / (stayed + leave_rate / both * (1 - stayed)))


def expected_days(leave_rate: float, horizon_days: float) -> float:
    """Days of the horizon on which a user who is there now is expected to be there still."""
    return float(-np.expm1(-leave_rate * horizon_days) / leave_rate)


def fit_leave_rate(rate: Floats, known_days: Floats, silent_days: Floats) -> float:
    """The leave rate of `LEAVE_RATES` under which what was seen is most likely.

    Parameters
    ----------
    rate, known_days, silent_days
        Shape (n,): visits per day; days from the first to the last visit; days since the last one.
    """

    def log_likelihood(leave_rate: float) -> float:
        both = rate + leave_rate
        stayed = np.exp(-both * silent_days)
        return float(np.sum(-leave_rate * known_days + np.log(stayed + leave_rate / both * (1 - stayed))))

    return float(max(LEAVE_RATES, key=log_likelihood))
