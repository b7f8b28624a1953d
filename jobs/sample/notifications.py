"""Notifications: sent to any reachable user, opened by those who come to the app that day."""

import numpy as np

from jobs.sample.arrays import Bools, Floats, Ints
from jobs.sample.daytime import MS_PER_DAY, hours_apart, to_local_hour, to_utc_ms
from jobs.sample.event_types import EventType, Surface
from jobs.sample.items import compute_appeal
from jobs.sample.rows import Rows, build_rows, concat_rows
from jobs.sample.state import State
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.world import World

SENT_DAILY = 0.12
"""Chance that a reachable user gets a notification on a day, about one a week."""

SENDING_HOURS = (8.0, 22.0)
"""Local hours; nobody is woken up."""

OPEN_AT_BEST = 0.7
OPEN_SPREAD_HOURS = 3.0
"""Chance of opening at the preferred hour, and how far from it the chance falls to 61 %."""

OPENED_AFTER_MS = 900_000


def send_notifications(world: World, state: State, came: Bools, day: int, utc_offsets: Floats) -> Rows:
    """Send and open the notifications of ``day``.

    Only users who are in the app that day (``came``, shape (n_users,)) open one, so that an opened
    notification never makes a silent day an active one.
    """
    rng = open_stream(world.parameters.seed, Purpose.NOTIFICATIONS, day)
    users = world.users
    wanted = (users.joined_day < day) & state.reachable & ~state.opted_out
    user = np.flatnonzero(wanted & (rng.random(len(users)) < SENT_DAILY))
    sent_ms = to_utc_ms(rng.uniform(*SENDING_HOURS, len(user)), users.place[user], utc_offsets)
    item = _draw_items(compute_appeal(world.items, day), len(user), rng)
    opened_ms = sent_ms + 1_000 + rng.exponential(OPENED_AFTER_MS, len(user)).astype(np.int64)
    chance = open_probability(world, user, sent_ms, utc_offsets)
    opened = came[user] & (rng.random(len(user)) < chance) & (opened_ms < MS_PER_DAY)
    sent = build_rows(EventType.NOTIFICATION_SENT, user, sent_ms, item=item, surface=Surface.PUSH)
    opens = build_rows(
        EventType.NOTIFICATION_OPENED,
        user[opened],
        opened_ms[opened],
        item=item[opened],
        surface=Surface.PUSH,
    )
    return concat_rows([sent, opens])


def open_probability(world: World, user: Ints, sent_ms: Ints, utc_offsets: Floats) -> Floats:
    """Chance that users who are in the app open what was sent at ``sent_ms``; all of shape (n,)."""
    local = to_local_hour(sent_ms, world.users.place[user], utc_offsets)
    distance = hours_apart(local, world.users.preferred_hour[user])
    chance: Floats = OPEN_AT_BEST * np.exp(-0.5 * (distance / OPEN_SPREAD_HOURS) ** 2)
    return chance


def _draw_items(appeal: Floats, count: int, rng: np.random.Generator) -> Ints:
    ends = np.cumsum(appeal / appeal.sum())
    drawn: Ints = np.searchsorted(ends, rng.random(count), side="right")
    return drawn.clip(max=np.flatnonzero(appeal)[-1])
