"""A mixture of Gaussians that share one covariance, by expectation maximisation.

One covariance for all, as in linear discriminant analysis: a step does not depend on the units of the columns, and a
column that says nothing about groups weighs nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_STEPS = 300
TOLERANCE = 1e-6
"""Of the mean log-likelihood; a step that gains less is the last one."""

RIDGE = 1e-3
"""Added to the variance of each column, whose unit is the deviation between users."""

LLOYD_STEPS = 20


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture.

    Attributes
    ----------
    share
        Shape (k,), sums to 1.
    mean
        Shape (k, d).
    root
        Shape (d, d): lower Cholesky factor of the shared covariance.
    log_likelihood, entropy
        Of all points it was fitted to, and of their memberships, in nats.
    """

    share: Floats
    mean: Floats
    root: Floats
    log_likelihood: float
    entropy: float

    def member(self, points: Floats) -> Floats:
        """Probability of each group, shape (n, k), for points of shape (n, d)."""
        return _expect(points, self.share, self.mean, self.root)[0]

    def criterion(self, n_points: int) -> float:
        """Integrated completed likelihood (Biernacki, Celeux and Govaert, 2000): lower is better.

        As the Bayesian information criterion, which alone goes on splitting groups that are no Gaussians; what users
        between two groups cost counts too.
        """
        k, d = self.mean.shape
        free = k * d + k - 1 + d * (d + 1) / 2
        return float(2 * (self.entropy - self.log_likelihood) + free * np.log(n_points))


def fit_mixture(points: Floats, member: Floats) -> Mixture:
    """Climb from given memberships to the next maximum.

    Parameters
    ----------
    points
        Shape (n, d), columns of about unit variance.
    member
        Shape (n, k): start, rows sum to 1.
    """
    share, mean, root = _maximise(points, member)
    before = -np.inf
    for _ in range(MAX_STEPS):
        member, likelihood = _expect(points, share, mean, root)
        if likelihood - before < TOLERANCE * len(points):
            break
        before = likelihood
        share, mean, root = _maximise(points, member)
    entropy = -float((member * np.log(np.maximum(member, 1e-300))).sum())
    return Mixture(share, mean, root, likelihood, entropy)


def start_members(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Memberships of 0 and 1, shape (n, k): k-means from seeds that are drawn far apart (k-means++)."""
    centres = points[[rng.integers(len(points))]]
    for _ in range(k - 1):
        away = _squared(points, centres).min(axis=1)
        total = away.sum()
        drawn = rng.choice(len(points), p=away / total) if total > 0 else rng.integers(len(points))
        centres = np.vstack([centres, points[drawn]])
    for _ in range(LLOYD_STEPS):
        member = one_hot(np.argmin(_squared(points, centres), axis=1), k)
        size = member.sum(axis=0)[:, None]
        centres = np.where(size > 0, member.T @ points / np.maximum(size, 1), centres)
    return member


def one_hot(labels: Ints, k: int) -> Floats:
    """Shape (n, k) of 0 and 1."""
    return np.asarray(np.eye(k)[labels], dtype=np.float64)


def _squared(points: Floats, centres: Floats) -> Floats:
    apart = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(apart, 0.0), dtype=np.float64)


def _maximise(points: Floats, member: Floats) -> tuple[Floats, Floats, Floats]:
    n, size = len(points), member.sum(axis=0)
    mean = member.T @ points / np.maximum(size, 1e-9)[:, None]
    covariance = (points.T @ points - (mean.T * size) @ mean) / n
    covariance = (covariance + covariance.T) / 2 + RIDGE * np.eye(points.shape[1])
    # One more user in each group keeps a share above zero.
    return (size + 1) / (n + len(size)), mean, np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _expect(points: Floats, share: Floats, mean: Floats, root: Floats) -> tuple[Floats, float]:
    white = solve_triangular(root, points.T, lower=True).T
    centres = solve_triangular(root, mean.T, lower=True).T
    log = np.log(share) - _squared(white, centres) / 2
    top = log.max(axis=1, keepdims=True)
    weight = np.exp(log - top)
    total = weight.sum(axis=1, keepdims=True)
    constant = np.log(np.diag(root)).sum() + points.shape[1] / 2 * np.log(2 * np.pi)
    return weight / total, float((top + np.log(total)).sum() - len(points) * constant)
