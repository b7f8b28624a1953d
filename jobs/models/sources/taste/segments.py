"""Prior of users: a mixture of Gaussians that share one covariance, over tastes and habits together.

A user with few events gets the habits of the segments whose tastes they share. Means, shares and covariance are those
under which the beliefs of all users are most likely; each belief is itself uncertain (extreme deconvolution: Bovy,
Hogg and Roweis, 2011).
"""

from dataclasses import astuple, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.latent import HABITS, Floats, UserBeliefs
from jobs.models.sources.taste.poisson_factors import Evidence
from jobs.models.sources.taste.symmetric import invert_each, solve_each

LONGEST_STEP = 2.0
"""Of one Newton step: the tastes of an avid user start far away, and the curvature there says little."""

HABIT_SPREAD = 0.2
"""Standard deviation of a habit between users before the log has said it: logits and logarithms of rates."""

SEGMENT_PRIOR_USERS = 2.0
"""A segment's mean leans to that of all users as if so many more of them were average."""

SMALLEST_VARIANCE = 1e-3

LLOYD_ROUNDS = 15
"""Clusters only start the mixture, which finds its own."""


@dataclass(frozen=True)
class Segments:
    """What is believed of a user before any event.

    Attributes
    ----------
    share
        Shape (n_segments,).
    mean
        Shape (n_segments, d).
    precision
        Shape (d, d): inverse of the covariance within each segment.
    """

    share: Floats
    mean: Floats
    precision: Floats

    @classmethod
    def single(cls, factors: int, habits: Floats) -> Self:
        """One segment of neutral taste; ``habits`` has the shape (habits,)."""
        variance = np.concatenate([np.ones(factors), np.full(len(HABITS), HABIT_SPREAD**2)])
        mean = np.concatenate([np.zeros(factors), habits])
        return cls(np.ones(1), mean[None], np.diag(1 / variance))

    def prior(self, n_users: int) -> UserBeliefs:
        """Beliefs of users of whom nothing is known."""
        overall = self.share @ self.mean
        apart = self.mean - overall
        covariance = np.linalg.inv(self.precision) + np.einsum("g,gk,gl->kl", self.share, apart, apart)
        return UserBeliefs(
            np.tile(overall, (n_users, 1)), np.tile(covariance, (n_users, 1, 1)), np.tile(self.share, (n_users, 1))
        )

    def newton_step(self, users: UserBeliefs, evidence: Evidence) -> tuple[UserBeliefs, "SegmentSums"]:
        """Beliefs after one Newton step with the Laplace covariance there, and what segments are learned from.

        Around the present mean the likelihood is a Gaussian; its product with each segment's is exact.
        """
        means, covariance, member = self._per_segment(users, evidence)
        mean = np.einsum("ug,ugk->uk", member, means)
        apart = means - mean[:, None]
        spread = np.einsum("ug,ugk,ugl->ukl", member, apart, apart)
        step = mean - users.mean
        length = np.sqrt((step**2).sum(axis=1, keepdims=True))
        reached = users.mean + step * (LONGEST_STEP / np.maximum(length, LONGEST_STEP))
        sums = SegmentSums(
            weight=member.sum(axis=0),
            first=np.einsum("ug,ugk->gk", member, means),
            second=covariance.sum(axis=0) + np.einsum("ug,ugk,ugl->kl", member, means, means, optimize=True),
            doubt=np.tensordot(member, covariance, axes=(0, 0)),
        )
        return UserBeliefs(reached, covariance + spread, member), sums

    def _per_segment(self, users: UserBeliefs, evidence: Evidence) -> tuple[Floats, Floats, Floats]:
        """Means given each segment (n, segments, d), their covariance (n, d, d), and memberships (n, segments)."""
        curvature = evidence.curvature
        covariance = invert_each(curvature + self.precision)
        pull = evidence.gradient + np.einsum("ukl,ul->uk", curvature, users.mean)
        sums = pull[:, None, :] + (self.mean @ self.precision)[None]
        means = sums @ covariance
        fit = np.einsum("ugk,ugk->ug", sums, means) / 2
        prior = np.einsum("gk,kl,gl->g", self.mean, self.precision, self.mean) / 2
        weight = fit - prior + np.log(self.share)
        weight = np.exp(weight - weight.max(axis=1, keepdims=True))
        return means, covariance, weight / weight.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class SegmentSums:
    """Sums over users, of blocks that can be added up.

    Attributes
    ----------
    weight
        Shape (n_segments,): users.
    first
        Shape (n_segments, d): their vectors.
    second
        Shape (d, d): expected products of all users' vectors with themselves.
    doubt
        Shape (n_segments, d, d): covariances of the users' vectors within the segment.
    """

    weight: Floats
    first: Floats
    second: Floats
    doubt: Floats

    def __add__(self, other: "SegmentSums") -> "SegmentSums":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return SegmentSums(*(mine + theirs for mine, theirs in pairs))


def learn_segments(segments: Segments, sums: SegmentSums) -> Segments:
    """The segments under which what is known of users is most likely, by one step.

    Shares and covariance are those of expectation maximisation. Means take the Newton step of the marginal
    likelihood: where a habit shows in few events, expectation maximisation would need a hundred steps.
    """
    n_users = sums.weight.sum()
    mean = _learn_means(segments, sums)
    cross = sums.first.T @ mean
    covariance = (sums.second - cross - cross.T + (mean.T * sums.weight) @ mean) / n_users
    covariance = (covariance + covariance.T) / 2 + SMALLEST_VARIANCE * np.eye(len(covariance))
    return Segments((sums.weight + 1) / (sums.weight + 1).sum(), mean, np.linalg.inv(covariance))


def _learn_means(segments: Segments, sums: SegmentSums) -> Floats:
    precision = segments.precision
    centre = sums.first.sum(axis=0) / sums.weight.sum()
    told = sums.weight[:, None, None] * precision - precision @ sums.doubt @ precision
    apart = sums.first - sums.weight[:, None] * segments.mean + SEGMENT_PRIOR_USERS * (centre - segments.mean)
    return segments.mean + solve_each(told + SEGMENT_PRIOR_USERS * precision, apart @ precision)


def split_segments(users: UserBeliefs, count: int) -> Segments:
    """``count`` segments in place of one: clusters of the users' tastes, seeded with users far from each other.

    Parameters
    ----------
    users
        All of them, shape (n, d) of the mean; a segment that ends without a user is left out.
    """
    factors = users.mean.shape[1] - len(HABITS)
    scaled = users.mean[:, :factors] / np.maximum(users.mean[:, :factors].std(axis=0), SMALLEST_VARIANCE)
    nearest = _cluster(scaled, min(count, len(scaled)))
    found, nearest = np.unique(nearest, return_inverse=True)
    member = np.eye(len(found))[nearest]
    weight = member.sum(axis=0)
    mean = (member.T @ users.mean) / weight[:, None]
    rest = users.mean - mean[nearest]
    covariance = (rest.T @ rest + users.covariance.sum(axis=0)) / len(rest)
    covariance += SMALLEST_VARIANCE * np.eye(len(covariance))
    return Segments(weight / weight.sum(), mean, np.linalg.inv(covariance))


def _cluster(points: Floats, count: int) -> npt.NDArray[np.int64]:
    """Shape (n,): Lloyd's algorithm from the farthest-first traversal (Gonzalez, 1985), so without a draw."""
    centres = [points[np.argmax((points**2).sum(axis=1))]]
    away = np.full(len(points), np.inf)
    for _ in range(count - 1):
        away = np.minimum(away, ((points - centres[-1]) ** 2).sum(axis=1))
        centres.append(points[np.argmax(away)])
    place = np.stack(centres)
    for _ in range(LLOYD_ROUNDS):
        nearest = np.argmin(((points[:, None] - place[None]) ** 2).sum(axis=2), axis=1)
        weight = np.bincount(nearest, minlength=count)[:, None]
        sums = np.stack([np.bincount(nearest, column, minlength=count) for column in points.T], axis=1)
        place = np.where(weight > 0, sums / np.maximum(weight, 1), place)
    return np.asarray(nearest, dtype=np.int64)
