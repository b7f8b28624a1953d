"""What a session shows: items the app picks by taste and appeal, and items the user goes back to."""

from dataclasses import dataclass

import numpy as np

from jobs.sample.arrays import USERS_AT_ONCE, Bools, Floats, Ints
from jobs.sample.items import compute_appeal
from jobs.sample.propensity import exposure_shares, taste_match
from jobs.sample.sessions import Sessions
from jobs.sample.state import State
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.world import World


@dataclass(frozen=True)
class Slots:
    """The items of a day's sessions, ordered by session and rank; all arrays have the shape (n_slots,).

    Attributes
    ----------
    session
        Position in ``Sessions``.
    rank
        Place within the session, from 0; those gone back to follow those shown.
    item
        Position in ``Items``.
    again
        True where the user went back to an item bought before.
    """

    session: Ints
    rank: Ints
    item: Ints
    again: Bools


def fill_slots(world: World, state: State, sessions: Sessions, day: int) -> Slots:
    """Draw the items of every session from taste, appeal on ``day`` and what was bought before it."""
    rng = open_stream(world.parameters.seed, Purpose.SLOTS, day)
    appeal = compute_appeal(world.items, day)
    shown = np.repeat(np.arange(len(sessions)), sessions.slots)
    shown_item = _draw_shown(world, sessions.user[shown], appeal, rng.random(len(shown)))
    back, back_item = _draw_back(world, state, sessions, appeal, rng)
    session = np.concatenate([shown, back])
    order = np.argsort(session, kind="stable")
    return Slots(
        session=session[order],
        rank=_rank_within(session[order]),
        item=np.concatenate([shown_item, back_item])[order],
        again=np.repeat([False, True], [len(shown), len(back)])[order],
    )


def _draw_shown(world: World, user: Ints, appeal: Floats, luck: Floats) -> Ints:
    everyone, position = np.unique(user, return_inverse=True)
    item = np.empty(len(user), dtype=np.int64)
    for first in range(0, len(everyone), USERS_AT_ONCE):
        block = world.users.take(everyone[first : first + USERS_AT_ONCE])
        shares = exposure_shares(taste_match(block, world.items), appeal)
        inside = (position >= first) & (position < first + USERS_AT_ONCE)
        item[inside] = _draw_columns(shares, position[inside] - first, luck[inside])
    return item


def _draw_columns(shares: Floats, row: Ints, luck: Floats) -> Ints:
    """Draw a column from the given row of ``shares``, once per element of ``row`` and ``luck``."""
    n_rows, n_columns = shares.shape
    # Rows laid end to end, each raised by its number, make one sorted array for one search.
    ends = np.cumsum(shares, axis=1) + np.arange(n_rows)[:, None]
    column = np.searchsorted(ends.ravel(), luck + row, side="right") - row * n_columns
    last_shown = np.flatnonzero(shares[0])[-1]
    columns: Ints = column.clip(0, last_shown)
    return columns


def _draw_back(
    world: World, state: State, sessions: Sessions, appeal: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    n_items = len(world.items)
    known = np.flatnonzero(sessions.known)
    user = sessions.user[known]
    begin = np.searchsorted(state.bought_pairs, user * n_items)
    count = np.searchsorted(state.bought_pairs, (user + 1) * n_items) - begin
    session = np.repeat(known, count)
    pair = np.repeat(begin, count) + _rank_within(session)
    item = state.bought_pairs[pair] % n_items
    wanted = rng.random(len(session)) < world.users.habit("repeat")[sessions.user[session]]
    chosen = wanted & (appeal[item] > 0)
    return session[chosen], item[chosen]


def _rank_within(session: Ints) -> Ints:
    """Place of every element among those of the same session; ``session`` is sorted."""
    return np.arange(len(session)) - np.searchsorted(session, session)
