"""Metrics of a prediction when users weigh differently, as in a bootstrap's draw: sorted once, summed often.

Users with equal predictions are one group, as in `classification.py`, and where a tenth of the users ends within a
group, a share of it counts.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from jobs.evaluation.classification import CLIP, N_BINS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Drawn(Protocol):
    """Metrics of users by their weights."""

    @property
    def n_users(self) -> int:
        """How many there are."""

    @property
    def n_rare(self) -> int:
        """Of them, those whom the metrics hang on: the rarer class, or for whom anything came."""

    def draw(self, weights: Floats) -> dict[str, float]:
        """Metrics of weighted users; weights have shape (n_users,). ValueError where they cannot be told."""

    def take(self, users: Ints) -> "Drawn":
        """The same of the users at some positions."""


@dataclass(frozen=True)
class Order:
    """Users by a score, lowest first, equal ones together.

    Attributes
    ----------
    users
        Shape (n,): positions.
    starts
        Shape (n_groups,): where in `users` each group of equal scores begins.
    """

    users: Ints
    starts: Ints

    @classmethod
    def of(cls, score: Floats) -> Self:
        """Sort."""
        users = np.argsort(score, kind="stable")
        return cls(users, np.flatnonzero(np.append(True, np.diff(score[users]) != 0)))

    def sums(self, values: Floats) -> Floats:
        """Shape (n_groups,): sums of shape (n,) values."""
        return np.asarray(np.add.reduceat(values[self.users], self.starts))


@dataclass(frozen=True)
class DrawnProbability:
    """A probability against what happened: the metrics of `compute_classification`, and `precision_at_budget`.

    Attributes
    ----------
    label, told
        Shape (n,): 0 or 1, and the prediction.
    budget
        Share of users that a campaign reaches.
    order
        By `told`.
    """

    label: Floats
    told: Floats
    budget: float
    order: Order

    @classmethod
    def of(cls, label: Floats, told: Floats, budget: float) -> Self:
        """Sort."""
        return cls(label, told, budget, Order.of(told))

    @property
    def n_users(self) -> int:
        """Users."""
        return len(self.label)

    @property
    def n_rare(self) -> int:
        """Users of the rarer class."""
        positives = int(np.count_nonzero(self.label))
        return min(positives, self.n_users - positives)

    def take(self, users: Ints) -> "DrawnProbability":
        """Some users."""
        return DrawnProbability.of(self.label[users], self.told[users], self.budget)

    def draw(self, weights: Floats) -> dict[str, float]:
        """Metrics; ValueError if only one class has a weight above 0."""
        count, came = self.order.sums(weights), self.order.sums(weights * self.label)
        total, positives = float(count.sum()), float(came.sum())
        if not 0 < positives < total:
            raise ValueError("only one class is there")
        said = self.told[self.order.users[self.order.starts]]
        upto, upto_came, upto_said = (_running(each) for each in (count, came, said * count))
        bins = np.linspace(0.0, total, N_BINS + 1)
        gaps = np.diff(np.interp(bins, upto, upto_said)) - np.diff(np.interp(bins, upto, upto_came))
        return {
            "auc": _auc(count, came),
            "average_precision": _average_precision(count, came),
            "log_loss": float(weights @ self._losses() / total),
            "brier": float(weights @ (self.told - self.label) ** 2 / total),
            "ece": float(np.abs(gaps).sum() / total),
            "lift_top_decile": _share_of_top(1 / N_BINS, upto, upto_came) * total / positives,
            "mean_predicted": float(upto_said[-1] / total),
            "mean_observed": positives / total,
            "precision_at_budget": _share_of_top(self.budget, upto, upto_came),
        }

    def _losses(self) -> Floats:
        return np.asarray(-np.log(np.where(self.label > 0, self.told, 1.0 - self.told).clip(CLIP)))


@dataclass(frozen=True)
class DrawnAmount:
    """An expected amount against what came: ``gini``, ``mae``, ``coverage`` of the interval, means of both.

    Attributes
    ----------
    came, told, low, high
        Shape (n,): what came, the expectation, and the ends of its interval.
    order, best
        By `told`, and by `came`.
    """

    came: Floats
    told: Floats
    low: Floats
    high: Floats
    order: Order
    best: Order

    @classmethod
    def of(cls, came: Floats, told: Floats, low: Floats, high: Floats) -> Self:
        """Sort."""
        return cls(came, told, low, high, Order.of(told), Order.of(came))

    @property
    def n_users(self) -> int:
        """Users."""
        return len(self.came)

    @property
    def n_rare(self) -> int:
        """Users for whom anything came."""
        return int(np.count_nonzero(self.came))

    def take(self, users: Ints) -> "DrawnAmount":
        """Some users."""
        return DrawnAmount.of(self.came[users], self.told[users], self.low[users], self.high[users])

    def draw(self, weights: Floats) -> dict[str, float]:
        """Metrics; ValueError if nobody has a weight."""
        total = float(weights.sum())
        if not total > 0:
            raise ValueError("nobody is there")
        inside = (self.came >= self.low) & (self.came <= self.high)
        own, best = (_gini(order, weights, self.came) for order in (self.order, self.best))
        return {
            "gini": own / best if best > 0 else 0.0,
            "mae": float(weights @ np.abs(self.came - self.told) / total),
            "coverage": float(weights @ inside / total),
            "mean_predicted": float(weights @ self.told / total),
            "mean_observed": float(weights @ self.came / total),
        }


def _running(values: Floats) -> Floats:
    """Shape (n + 1,): sums so far, from 0."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _auc(count: Floats, came: Floats) -> float:
    others = count - came
    below = np.cumsum(others) - others
    return float(came @ (below + others / 2) / (came.sum() * others.sum()))


def _average_precision(count: Floats, came: Floats) -> float:
    taken, found = np.cumsum(count[::-1]), np.cumsum(came[::-1])
    precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
    return float(came[::-1] @ precision / found[-1])


def _share_of_top(share: float, upto: Floats, upto_came: Floats) -> float:
    """Share of positives among the users with the highest predictions."""
    size = share * upto[-1]
    return float((upto_came[-1] - np.interp(upto[-1] - size, upto, upto_came)) / size)


def _gini(order: Order, weights: Floats, amounts: Floats) -> float:
    count, brought = order.sums(weights), order.sums(weights * amounts)
    n, total = float(count.sum()), float(brought.sum())
    ranks = (np.cumsum(count) - count / 2) / n - 0.5
    return float(2.0 * (brought @ ranks) / total) if total > 0 else 0.0
