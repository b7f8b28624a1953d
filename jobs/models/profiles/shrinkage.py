"""How much of a group's habit a user is given: the Dirichlet prior under which all users are most likely."""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]

WEIGHTS = np.geomspace(0.5, 500.0, 25)
"""Weights of a prior that are tried, in counts; finer ones change no ranking."""

TRUSTS = np.geomspace(0.5, 500.0, 16)
"""Weights of an expected number that are tried, in events."""

MAX_USERS = 5000
"""The first so many users choose the weight: its likelihood is flat."""

GROUP_WEIGHT = 100.0
"""Counts that everybody is worth within a group's mean."""

LEAST_SHARE = 1e-4


def group_means(counts: Floats, group: npt.NDArray[np.int64], n_groups: int) -> tuple[Floats, Floats]:
    """Shares of everybody, shape (m,), and of each group, leaning to them, shape (n_groups, m).

    Parameters
    ----------
    counts
        Shape (n, m), 0 or more.
    group
        Shape (n,): from 0; -1 for users without a group.
    n_groups
        Number of groups; may be 0.
    """
    total = counts.sum(axis=0) + LEAST_SHARE
    everybody = np.maximum(total / total.sum(), LEAST_SHARE)
    everybody = everybody / everybody.sum()
    sums = np.zeros((n_groups, counts.shape[1]))
    in_group = group >= 0
    np.add.at(sums, group[in_group], counts[in_group])
    means = (sums + GROUP_WEIGHT * everybody) / (sums.sum(axis=1, keepdims=True) + GROUP_WEIGHT)
    return everybody, means


def prior_of(everybody: Floats, means: Floats, group: npt.NDArray[np.int64]) -> Floats:
    """Prior mean of each user, shape (n, m): that of the group, or of everybody."""
    with_rest = np.vstack([means, everybody[None]])
    return np.asarray(with_rest[group], dtype=np.float64)


def choose_weight(counts: Floats, prior: Floats) -> float:
    """Weight of the prior with the largest Dirichlet-multinomial likelihood (Minka, 2000), in counts.

    Parameters
    ----------
    counts, prior
        Shape (n, m); rows of the prior sum to 1.
    """
    known = np.flatnonzero(counts.sum(axis=1) > 1)[:MAX_USERS]
    if not len(known):
        return float(WEIGHTS[-1])
    own, mean = counts[known], np.maximum(prior[known], LEAST_SHARE)
    likelihoods = [_likelihood(own, weight * mean) for weight in WEIGHTS]
    return float(WEIGHTS[int(np.argmax(likelihoods))])


def choose_trust(happened: Floats, expected: Floats) -> float:
    """Weight of an expected number of events, in events: the largest gamma-Poisson likelihood of what happened.

    Parameters
    ----------
    happened, expected
        Shape (n, m); where nothing is expected nothing is told.
    """
    told = expected[:MAX_USERS] > 0
    if not told.any():
        return float(TRUSTS[-1])
    counts, means = happened[:MAX_USERS][told], expected[:MAX_USERS][told]
    likelihoods = [_of_trust(counts, means, trust) for trust in TRUSTS]
    return float(TRUSTS[int(np.argmax(likelihoods))])


def shrink(counts: Floats, prior: Floats, weight: float | Floats) -> Floats:
    """Shares of each user, shape (n, m), leaning to the prior as if it were so many counts."""
    return np.asarray((counts + weight * prior) / (counts.sum(axis=1, keepdims=True) + weight), dtype=np.float64)


def based_on(n_own: Floats, weight: float, group: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Own where own counts weigh at least as much as the prior, else segment, or everybody without one."""
    other = np.where(group >= 0, "segment", "everybody")
    return np.where(n_own >= weight, "own", other).astype(object)


def _of_trust(counts: Floats, means: Floats, trust: float) -> float:
    """Log-likelihood up to what does not depend on the trust."""
    of_counts = gammaln(counts + trust) - gammaln(trust) - counts * np.log(means + trust)
    return float((of_counts + trust * np.log(trust / (means + trust))).sum())


def _likelihood(counts: Floats, alpha: Floats) -> float:
    total = alpha.sum(axis=1)
    of_total = gammaln(total) - gammaln(total + counts.sum(axis=1))
    return float((of_total + (gammaln(alpha + counts) - gammaln(alpha)).sum(axis=1)).sum())
