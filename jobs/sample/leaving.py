"""Users who drift away: on each day each member may leave for good, before any session of that day."""

from dataclasses import dataclass, replace

import numpy as np

from jobs.sample.arrays import Floats, Ints
from jobs.sample.daytime import draw_moments
from jobs.sample.event_types import EventType
from jobs.sample.propensity import leave_probability
from jobs.sample.rows import Rows, build_rows
from jobs.sample.state import State
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.world import World

UNINSTALL_SHARE = 0.3
DELETION_SHARE = 0.006
"""Shares of leavers who uninstall, and who ask for deletion; the others just stay away."""


@dataclass(frozen=True)
class Hazard:
    """Who could leave on a day, and how likely: one row of truth each.

    Attributes
    ----------
    user
        (n,) positions of members who joined before the day.
    fit
        (n,) catalogue fit.
    probability
        (n,) chance of leaving on this day.
    """

    user: Ints
    fit: Floats
    probability: Floats


def leave(world: World, state: State, fit: Floats, day: int, utc_offsets: Floats) -> tuple[State, Hazard, Rows]:
    """Let members leave on ``day``; ``fit`` is each user's catalogue fit of that day, shape (n_users,).

    Returns
    -------
    State
        With ``left_day`` set for those who leave, and ``reachable`` off for those who say so.
    Hazard
        The probabilities that were drawn from.
    Rows
        Uninstalls and deletion requests.
    """
    rng = open_stream(world.parameters.seed, Purpose.LEAVING, day)
    luck, manner = rng.random((2, len(world.users)))
    hazard = _compute_hazard(world, state, fit, day)
    leavers = hazard.user[luck[hazard.user] < hazard.probability]
    rows = _say_goodbye(world, leavers, manner[leavers], draw_moments(world.users, leavers, utc_offsets, rng))
    left_day, reachable = state.left_day.copy(), state.reachable.copy()
    left_day[leavers], reachable[rows.user] = day, False
    return replace(state, left_day=left_day, reachable=reachable), hazard, rows


def _compute_hazard(world: World, state: State, fit: Floats, day: int) -> Hazard:
    user = np.flatnonzero(state.is_member(world.users, day - 1))
    probability = leave_probability(world.users.take(user), fit[user, None])[:, 0]
    return Hazard(user, fit[user], probability.round(9))


def _say_goodbye(world: World, leavers: Ints, manner: Floats, ms: Ints) -> Rows:
    speaks = manner < UNINSTALL_SHARE + DELETION_SHARE
    kind = np.where(manner < DELETION_SHARE, EventType.DELETION_REQUEST, EventType.UNINSTALL)
    return build_rows(kind[speaks], leavers[speaks], ms[speaks])
