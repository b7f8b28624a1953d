"""From a shown item to a purchase: which slots are opened, carted and paid, and the rows they leave."""

from dataclasses import dataclass

import numpy as np

from jobs.sample.arrays import Bools, Floats, Ints
from jobs.sample.daytime import MS_PER_DAY
from jobs.sample.propensity import cart_probability, click_probability
from jobs.sample.sessions import SessionKind, Sessions
from jobs.sample.slots import Slots
from jobs.sample.users import TASTE_DIMENSIONS
from jobs.sample.world import World

GLANCE_MS = 4_000
"""Time spent on a shown item that is not opened; every slot takes at least this."""

DWELL_MEDIAN_MS, DWELL_SPREAD = 15_000, 0.8
LONGEST_DWELL_MS = 600_000
LIKE_SHARE, SKIP_SHARE = 0.06, 0.04
"""Shares of opened items that are liked, and of unopened ones that are waved away."""


@dataclass(frozen=True)
class Funnel:
    """What became of every slot; all arrays have the shape (n_slots,).

    Attributes
    ----------
    known
        The user is known at this slot, so that it may end in a cart.
    clicked, carted, paid, liked, skipped
        Each of carted and liked needs clicked; paid needs carted; skipped excludes clicked.
    start_ms
        Start of the slot, milliseconds since midnight UTC.
    dwell_ms
        Time on the item's page; 0 where it was not opened.
    """

    known: Bools
    clicked: Bools
    carted: Bools
    paid: Bools
    liked: Bools
    skipped: Bools
    start_ms: Ints
    dwell_ms: Ints


def run_funnel(world: World, sessions: Sessions, slots: Slots, rng: np.random.Generator) -> Funnel:
    """Draw the fate of every slot. The first slot, and what a user goes back to, is always opened."""
    n_slots = len(slots.session)
    kind, user = sessions.kind[slots.session], sessions.user[slots.session]
    match = _match_pairs(world, user, slots.item)
    click, cart, pay, like, skip = rng.random((5, n_slots))
    clicked = (click < click_probability(match)) | (slots.rank == 0) | slots.again
    known = (kind != SessionKind.ANONYMOUS) & ((kind != SessionKind.SIGNS_IN) | (slots.rank > 0))
    users = world.users
    chance = cart_probability(match, users.habit("thrift")[user], world.items.price[slots.item])
    carted = clicked & known & (cart < chance)
    dwell_ms = np.where(clicked, _draw_dwell(n_slots, rng), 0)
    return Funnel(
        known=known,
        clicked=clicked,
        carted=carted,
        paid=carted & (pay < users.habit("pay")[user]),
        liked=clicked & (like < LIKE_SHARE),
        skipped=~clicked & (skip < SKIP_SHARE),
        start_ms=_place_in_time(sessions, slots.session, GLANCE_MS + dwell_ms),
        dwell_ms=dwell_ms,
    )


def _match_pairs(world: World, user: Ints, item: Ints) -> Floats:
    products = world.users.taste[user] * world.items.vector[item]
    match: Floats = products.sum(axis=1) / np.sqrt(TASTE_DIMENSIONS)
    return match


def _draw_dwell(count: int, rng: np.random.Generator) -> Ints:
    dwell = DWELL_MEDIAN_MS * rng.lognormal(0.0, DWELL_SPREAD, count)
    return np.minimum(dwell, LONGEST_DWELL_MS).astype(np.int64) + 1_000


def _place_in_time(sessions: Sessions, session: Ints, length_ms: Ints) -> Ints:
    """Lay the slots of each session end to end, and move a session that would cross midnight before it."""
    ends = np.cumsum(length_ms)
    total = np.bincount(session, weights=length_ms, minlength=len(sessions)).astype(np.int64)
    start = np.clip(MS_PER_DAY - 1 - total, 0, sessions.start_ms)
    before_session = np.cumsum(total) - total
    placed: Ints = start[session] + (ends - length_ms) - before_session[session]
    return placed
