"""The hour about which each user comes: one shape for all, turned to a peak of the user's own.

Shape and the peaks' shares in each group are those under which all visits are most likely, by expectation
maximisation; a user's peak is then a probability over the 24 hours, which with few visits is that of the group.
"""

import numpy as np
import numpy.typing as npt

from jobs.models.profiles.hours import HOURS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 25
"""The shape changes by less than a hundredth after ten."""

START_SPREAD = 2.5
START_FLOOR = 0.2
"""Hours of the first shape, and the share of it that lies anywhere."""

PRIOR_USERS = 5.0
"""Users that everybody's peaks are worth within a group."""

FLOOR = 1e-4

_TURNS = (np.arange(HOURS)[:, None] - np.arange(HOURS)) % HOURS
"""Shape (24, 24): how far hour h lies after peak p, at [h, p]."""


def expected_hours(visits: Floats, group: Ints, n_groups: int) -> Floats:
    """Share of each hour in the next visits, shape (n, 24), rows sum to 1.

    Parameters
    ----------
    visits
        Shape (n, 24): hours with a visit.
    group, n_groups
        Shape (n,): from 0, -1 without one; and their number.
    """
    shape = _first_shape()
    member = np.eye(n_groups + 1)[group]
    prior = np.full((n_groups + 1, HOURS), 1.0 / HOURS)
    for _ in range(STEPS):
        peak = _peaks(visits, shape, prior[group])
        shape = _fit_shape(visits, peak)
        prior = _fit_prior(peak, member)
    return np.asarray(_peaks(visits, shape, prior[group]) @ shape[_TURNS].T, dtype=np.float64)


def _first_shape() -> Floats:
    apart = np.minimum(np.arange(HOURS), HOURS - np.arange(HOURS))
    near = np.exp(-0.5 * (apart / START_SPREAD) ** 2)
    return np.asarray((1 - START_FLOOR) * near / near.sum() + START_FLOOR / HOURS, dtype=np.float64)


def _peaks(visits: Floats, shape: Floats, prior: Floats) -> Floats:
    """Probability of each peak, shape (n, 24), given the visits and the prior of each user."""
    log = visits @ np.log(shape[_TURNS]) + np.log(prior)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float64)


def _fit_shape(visits: Floats, peak: Floats) -> Floats:
    """Visits by how far they lie after the peak; the floor keeps the likelihood of a single odd visit above zero."""
    together = visits.T @ peak
    counts = np.bincount(_TURNS.ravel(), together.ravel(), minlength=HOURS) + FLOOR
    shares = counts / counts.sum()
    return np.asarray((shares + FLOOR) / (1 + HOURS * FLOOR), dtype=np.float64)


def _fit_prior(peak: Floats, member: Floats) -> Floats:
    """Share of each peak in each group, leaning to everybody's; the last row is of users without a group."""
    everybody = (peak.sum(axis=0) + 1) / (len(peak) + HOURS)
    sums = member.T @ peak
    prior = (sums + PRIOR_USERS * everybody) / (sums.sum(axis=1, keepdims=True) + PRIOR_USERS)
    prior[-1] = everybody
    return np.asarray(prior, dtype=np.float64)
