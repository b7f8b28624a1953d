"""The rows that sessions leave in the log."""

import numpy as np

from jobs.sample.arrays import ABSENT, Bools, Ints
from jobs.sample.event_types import EventType, Identity, Surface
from jobs.sample.funnel import GLANCE_MS, Funnel
from jobs.sample.queries import MODIFIERS
from jobs.sample.rows import Rows, build_rows, concat_rows
from jobs.sample.sessions import SessionKind, Sessions
from jobs.sample.slots import Slots
from jobs.sample.world import World

SEARCH_SHARE = 0.35
"""Share of sessions that begin with a search."""

QUANTITY_SHARES = (0.85, 0.11, 0.04)
"""Chance of buying one, two or three pieces."""


def build_session_rows(
    world: World, sessions: Sessions, slots: Slots, funnel: Funnel, rng: np.random.Generator
) -> Rows:
    """Build the rows of all sessions of a day, in no particular order."""
    first = slots.rank == 0
    searched = first & (rng.random(len(sessions)) < SEARCH_SHARE)[slots.session]
    quantity = rng.choice(len(QUANTITY_SHARES), size=len(first), p=QUANTITY_SHARES) + 1
    modifier = rng.integers(0, len(MODIFIERS), len(first))
    surface = _choose_surface(slots, searched, rng)
    return concat_rows(
        [
            _account_rows(sessions, slots, funnel),
            _search_rows(world, sessions, slots, funnel, searched, modifier),
            _slot_rows(sessions, slots, funnel, surface),
            _purchase_rows(sessions, slots, funnel, quantity),
        ]
    )


def _choose_surface(slots: Slots, searched: Bools, rng: np.random.Generator) -> Ints:
    searching = searched[slots.rank == 0][slots.session]
    shown = np.where(rng.random(len(slots.item)) < 0.7, Surface.HOME, Surface.CATEGORY)
    return np.select([slots.again, searching], [Surface.BUY_AGAIN, Surface.SEARCH], default=shown)


def _account_rows(sessions: Sessions, slots: Slots, funnel: Funnel) -> Rows:
    first = np.flatnonzero(slots.rank == 0)
    user = sessions.user
    up, into = sessions.kind == SessionKind.SIGNS_UP, sessions.kind == SessionKind.SIGNS_IN
    begin = funnel.start_ms[first]
    after_first = begin + GLANCE_MS + funnel.dwell_ms[first]
    sign_up = build_rows(EventType.SIGN_UP, user[up], begin[up])
    sign_in = build_rows(EventType.SIGN_IN, user[into], after_first[into] - 1, identity=Identity.BOTH)
    return concat_rows([sign_up, sign_in])


def _search_rows(
    world: World, sessions: Sessions, slots: Slots, funnel: Funnel, searched: Bools, modifier: Ints
) -> Rows:
    query = world.items.category[slots.item] * len(MODIFIERS) + modifier
    return build_rows(
        EventType.SEARCH,
        sessions.user[slots.session[searched]],
        funnel.start_ms[searched],
        query=query[searched],
        surface=Surface.SEARCH,
        identity=_identify(funnel.known[searched]),
    )


def _slot_rows(sessions: Sessions, slots: Slots, funnel: Funnel, surface: Ints) -> Rows:
    user, identity = sessions.user[slots.session], _identify(funnel.known)
    steps = (
        (EventType.IMPRESSION, ~slots.again, 0, True),
        (EventType.CLICK, funnel.clicked, 1_500, True),
        (EventType.VIEW, funnel.clicked, 1_800, False),
        (EventType.SKIP, funnel.skipped, 2_500, True),
    )
    parts = [
        build_rows(
            kind,
            user[happened],
            funnel.start_ms[happened] + delay_ms,
            item=slots.item[happened],
            dwell_ms=funnel.dwell_ms[happened] if kind == EventType.VIEW else ABSENT,
            surface=surface[happened] if in_list else Surface.ITEM,
            pos=slots.rank[happened] if in_list else ABSENT,
            identity=identity[happened],
        )
        for kind, happened, delay_ms, in_list in steps
    ]
    return concat_rows(parts)


def _purchase_rows(sessions: Sessions, slots: Slots, funnel: Funnel, quantity: Ints) -> Rows:
    user, identity = sessions.user[slots.session], _identify(funnel.known)
    steps = (
        (EventType.LIKE, funnel.liked, 0.4, Surface.ITEM),
        (EventType.ADD_TO_CART, funnel.carted, 0.6, Surface.ITEM),
        (EventType.PURCHASE, funnel.paid, 0.9, Surface.CART),
    )
    parts = [
        build_rows(
            kind,
            user[happened],
            funnel.start_ms[happened] + 2_000 + (funnel.dwell_ms[happened] * through).astype(np.int64),
            item=slots.item[happened],
            qty=quantity[happened] if kind != EventType.LIKE else ABSENT,
            surface=surface,
            identity=identity[happened],
        )
        for kind, happened, through, surface in steps
    ]
    return concat_rows(parts)


def _identify(known: Bools) -> Ints:
    return np.where(known, Identity.USER, Identity.ANONYMOUS)
