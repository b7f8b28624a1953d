"""Who comes to the app on a day, when, and how much they look at."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from jobs.sample.arrays import Bools, Floats, Ints
from jobs.sample.daytime import draw_moments
from jobs.sample.propensity import weekday_factor
from jobs.sample.state import State
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.world import World

ANONYMOUS_SHARE = 0.08
SIGN_IN_SHARE = 0.03
"""Shares of sessions that stay anonymous, and that begin so and sign in after the first item."""


class SessionKind(IntEnum):
    """Whether the user is known in a session. Buying needs a known user."""

    SIGNED_IN = 0
    SIGNS_IN = 1
    ANONYMOUS = 2
    SIGNS_UP = 3


@dataclass(frozen=True)
class Sessions:
    """The sessions of a day, by user; all arrays have the shape (n_sessions,).

    Attributes
    ----------
    user
        Position of the user whose device it is.
    kind
        ``SessionKind``.
    start_ms
        Milliseconds since midnight UTC; a session that would cross midnight is moved before it later.
    slots
        Number of items shown by the app itself, at least 1.
    """

    user: Ints
    kind: Ints
    start_ms: Ints
    slots: Ints

    def __len__(self) -> int:
        return len(self.user)

    @property
    def known(self) -> Bools:
        """Sessions in which the user is known at some point, (n_sessions,)."""
        known: Bools = self.kind != SessionKind.ANONYMOUS
        return known


def open_sessions(world: World, state: State, day: int, utc_offsets: Floats) -> Sessions:
    """Draw the sessions of ``day``: a Poisson number per member, exactly one on the day of joining."""
    rng = open_stream(world.parameters.seed, Purpose.SESSIONS, day)
    user = np.repeat(np.arange(len(world.users)), _draw_counts(world, state, day, rng))
    further = rng.poisson(world.users.habit("slots")[user])
    luck = rng.random(len(user))
    kind = np.select(
        [world.users.joined_day[user] == day, luck < ANONYMOUS_SHARE, luck < ANONYMOUS_SHARE + SIGN_IN_SHARE],
        [SessionKind.SIGNS_UP, SessionKind.ANONYMOUS, SessionKind.SIGNS_IN],
        default=SessionKind.SIGNED_IN,
    )
    return Sessions(user, kind, draw_moments(world.users, user, utc_offsets, rng), 1 + further)


def _draw_counts(world: World, state: State, day: int, rng: np.random.Generator) -> Ints:
    users = world.users
    counts = rng.poisson(users.session_rate * weekday_factor(world.parameters.date_of(day)))
    counts = np.where(users.joined_day == day, 1, counts)
    return np.where(state.is_member(users, day), counts, 0)
