"""The chance that a user reaches the goal with an item within the horizon, from what logs of impressions tell."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Values
from jobs.datasets.past import Past
from jobs.models.lists import Mask, Scores
from jobs.models.sources.limits import check_at_least
from jobs.models.sources.source import Params, Source
from jobs.models.sources.taste.expectation import expect_goals
from jobs.models.sources.taste.first_guess import guess_first
from jobs.models.sources.taste.knowledge import Knowledge
from jobs.models.sources.taste.latent import Floats, ItemBeliefs
from jobs.models.sources.taste.observed import Observed, find_steps, observe
from jobs.models.sources.taste.on_sale import OnSale
from jobs.models.sources.taste.segments import Segments
from jobs.models.sources.taste.training import learn
from jobs.models.storage import Arrays

BLOCK_USERS = 1024
"""Users at a time: their pull of some thousand items fits a processor's cache by and large."""

FOLD_ROUNDS = 8
"""Newton steps from the prior; after six nothing moves that a list would show."""


class Taste(Source):
    """Impressions tell of tastes, what follows them of habits; both make an expected number of goals.

    Needs a log that says what was shown. Of a user and an item it expects

    - visits within the horizon, times impressions per visit, times the item's share in them, times the chance of
      each step of the funnel; and
    - for an item that the goal was reached with: visits, times the chance to come back to it, times that of each
      step after the first.

    The score is the probability of at least one goal, if goals are Poisson.

    Parameters
    ----------
    factors
        Length of a taste.
    segments
        Kinds of users whose tastes and habits are alike.
    sweeps
        Over users and items in training.
    horizon_days
        Days after the cut.
    max_cells
        Users times items of training, which looks at each of them: time and memory grow with it. Of more users every
        so-many-th is learned from.
    min_users
        Fewer users with an impression teach nothing.
    seed
        Of the first guess.
    """

    name = "taste"
    reason = "like_your_taste"
    is_probability = True
    fit_effort = 80

    _knowledge: Knowledge
    _is_available: Mask

    def __init__(
        self,
        factors: int = 8,
        segments: int = 6,
        sweeps: int = 20,
        horizon_days: int = 14,
        max_cells: int = 20_000_000,
        min_users: int = 50,
        seed: int = 0,
    ) -> None:
        check_at_least(
            self.name,
            1,
            factors=factors,
            segments=segments,
            sweeps=sweeps,
            horizon_days=horizon_days,
            max_cells=max_cells,
            min_users=min_users,
        )
        self._params: Params = {
            "factors": factors,
            "segments": segments,
            "sweeps": sweeps,
            "horizon_days": horizon_days,
            "max_cells": max_cells,
            "min_users": min_users,
            "seed": seed,
        }

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return dict(self._params)

    def _fit(self, past: Past) -> None:
        with threadpool_limits(1, user_api="blas"):
            on_sale, has_step = OnSale.of(past.catalogue), find_steps(past.history)
            history = self._learned_from(past)
            observed = list(_blocks(history, on_sale, has_step))
            first = guess_first(
                observed,
                on_sale,
                has_step,
                price=_log_price(past.catalogue.price),
                factors=int(self._params["factors"]),
                seed=int(self._params["seed"]),
            )
            category = np.unique(past.catalogue.category, return_inverse=True)[1].astype(np.int64)
            sweeps, segments = int(self._params["sweeps"]), int(self._params["segments"])
            self._knowledge, _ = learn(observed, first, category, seen_by_day(history), segments, sweeps)
        if not np.isfinite(self._knowledge.items.vector).all():
            raise ModelError("source 'taste': tastes are not finite; lower factors, or switch the source off")
        self._is_available = past.catalogue.is_available

    def _score(self, history: History) -> Scores:
        knowledge = self._knowledge
        scores = np.zeros(history.shape, dtype=np.float32)
        first = 0
        with threadpool_limits(1, user_api="blas"):
            for block in _blocks(history, knowledge.on_sale, knowledge.has_step):
                users = knowledge.fold_in(block, FOLD_ROUNDS)
                expected = expect_goals(
                    knowledge, block, users, self._is_available, float(self._params["horizon_days"])
                )
                scores[first : first + block.n_users] = -np.expm1(-expected)
                first += block.n_users
        return scores

    def _learned_from(self, past: Past) -> History:
        """The users with an impression, or as many of them as `max_cells` leaves room for."""
        history = past.history
        shown = np.bincount(history.user, history.counts["n_shown"], minlength=history.shape[0])
        users = np.flatnonzero(shown > 0)
        if not len(users):
            raise ModelError(
                "source 'taste': the log has no shown events, from which it learns; name the event types that say "
                "what was shown in events.funnel.shown, or switch the source off"
            )
        room = int(self._params["max_cells"]) // history.shape[1]
        if min(len(users), room) < int(self._params["min_users"]):
            raise ModelError(
                f"source 'taste' learns from at least min_users = {self._params['min_users']} users; {len(users)} "
                f"have impressions, and max_cells has room for {room}; raise max_cells, or switch the source off"
            )
        return history.take(users[:: -(-len(users) // room)])

    def _arrays(self) -> Arrays:
        knowledge = self._knowledge
        named: Arrays = {
            "is_available": self._is_available,
            "slopes": knowledge.slopes,
            "has_step": knowledge.has_step,
        }
        named["leave_rate"] = np.array(knowledge.leave_rate)
        for part in (knowledge.on_sale, knowledge.items, knowledge.segments):
            prefix = type(part).__name__
            named |= {f"{prefix}.{field.name}": getattr(part, field.name) for field in fields(part)}
        return named

    def _restore(self, arrays: Arrays) -> None:
        def part(kind: type) -> Arrays:
            return {field.name: arrays[f"{kind.__name__}.{field.name}"] for field in fields(kind)}

        self._is_available = arrays["is_available"]
        self._knowledge = Knowledge(
            on_sale=OnSale(**part(OnSale)),
            items=ItemBeliefs(**part(ItemBeliefs)),
            segments=Segments(**part(Segments)),
            slopes=arrays["slopes"],
            has_step=arrays["has_step"],
            leave_rate=float(arrays["leave_rate"]),
        )


def _blocks(history: History, on_sale: OnSale, has_step: npt.NDArray[np.bool_]) -> Iterator[Observed]:
    for first in range(0, history.shape[0], BLOCK_USERS):
        users = np.arange(first, min(first + BLOCK_USERS, history.shape[0]))
        yield observe(history.take(users), on_sale, has_step)


def seen_by_day(history: History) -> Floats:
    """Shape (n_ages, n_items): impressions, so many days before the cut."""
    n_ages, n_items = int(history.age.max()) + 1, history.shape[1]
    place = history.age.astype(np.int64) * n_items + history.item
    summed = np.bincount(place, history.counts["n_shown"], minlength=n_ages * n_items)
    return summed.reshape(n_ages, n_items).astype(np.float64)


def _log_price(price: Values) -> Floats:
    """Shape (n_items,): logarithm over its mean; 0 for an item without a price."""
    known = np.isfinite(price) & (price > 0)
    logarithm = np.log(np.where(known, price, 1).astype(np.float64))
    return np.where(known, logarithm - (logarithm[known].mean() if known.any() else 0), 0.0)
