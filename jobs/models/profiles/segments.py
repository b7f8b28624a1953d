"""Groups of behaviour: learned each night, started from yesterday's, replaced only by clearly better ones."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.core.config.profiles import SegmentSettings
from jobs.core.errors import ModelError
from jobs.models.profiles.behaviour import Behaviour
from jobs.models.profiles.mixture import Mixture, fit_mixture, one_hot, start_members

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

USERS_PER_GROUP = 10
"""Learned-from users that a group needs at least; with fewer, a night's noise would be a group."""


@dataclass(frozen=True)
class Grouping:
    """Users in groups.

    Attributes
    ----------
    label
        Shape (n,): group of each user of the behaviour, from 0.
    certainty
        Shape (n,): its probability.
    n_groups
        Groups with at least one user; labels have no gap.
    is_kept
        Whether it grew from yesterday's groups.
    """

    label: Ints
    certainty: Floats
    n_groups: int
    is_kept: bool


def learn_groups(behaviour: Behaviour, previous: Ints, settings: SegmentSettings, min_users: int) -> Grouping:
    """Put every user into a group.

    Parameters
    ----------
    behaviour
        Of n users.
    previous
        Shape (n,): yesterday's group from 0, -1 for users who had none.
    settings
        Number of groups, and who is learned from.
    min_users
        Fewer users to learn from make no groups.

    Raises
    ------
    ModelError
        If there are too few users, or nothing that differs between them.
    """
    learned = _learned_from(behaviour, settings)
    n_learned = int(learned.sum())
    if n_learned < max(min_users, USERS_PER_GROUP * settings.fewest):
        raise ModelError(
            f"{n_learned} users with {settings.min_visits} or more hours with a visit are too few to learn groups "
            f"from; profiles.min_users asks for {min_users}, and a group for {USERS_PER_GROUP}"
        )
    points = behaviour.points(settings.taste_parts, learned)
    if not points.shape[1]:
        raise ModelError("no habit differs between users, so there are no groups to learn")
    mixture, is_kept = _choose(points[learned], previous[learned], settings)
    member = mixture.member(points)
    found, label = np.unique(member.argmax(axis=1), return_inverse=True)
    return Grouping(label.astype(np.int64), member.max(axis=1), len(found), is_kept)


def _learned_from(behaviour: Behaviour, settings: SegmentSettings) -> npt.NDArray[np.bool_]:
    """Users with habits to speak of; of too many a part is drawn."""
    enough = np.flatnonzero(behaviour.visits >= settings.min_visits)
    if len(enough) > settings.max_users:
        rng = np.random.default_rng(settings.seed)
        enough = rng.choice(enough, settings.max_users, replace=False)
    learned = np.zeros(len(behaviour.users), dtype=np.bool_)
    learned[enough] = True
    return learned


def _choose(points: Floats, previous: Ints, settings: SegmentSettings) -> tuple[Mixture, bool]:
    """The mixture of least criterion; one grown from yesterday's stays unless another is better by the margin."""
    counts = [settings.count] if settings.count else list(range(settings.fewest, settings.most + 1))
    most = max(1, len(points) // USERS_PER_GROUP)
    fresh = [
        fit_mixture(points, start_members(points, k, np.random.default_rng((settings.seed, k, start))))
        for k in sorted({min(k, most) for k in counts})
        for start in range(settings.restarts)
    ]
    best = min(fresh, key=lambda mixture: mixture.criterion(len(points)))
    kept = _grown(points, previous, counts)
    if kept is None:
        return best, False
    stays = kept.criterion(len(points)) <= best.criterion(len(points)) + settings.keep_margin * abs(
        best.criterion(len(points))
    )
    return (kept, True) if stays else (best, False)


def _grown(points: Floats, previous: Ints, counts: list[int]) -> Mixture | None:
    """Yesterday's groups, moved to where their users are now; None where their number is no longer asked for."""
    had = previous >= 0
    found, label = np.unique(previous[had], return_inverse=True)
    if len(found) not in counts or np.bincount(label).min() < USERS_PER_GROUP:
        return None
    start = np.full((len(points), len(found)), 1.0 / len(found))
    start[had] = one_hot(label, len(found))
    return fit_mixture(points, start)
