"""Random streams: one for each purpose and day, all from one seed.

A day's draws come from streams of its own, and its state from the days before, never from the number
of days asked for. So a longer log begins with exactly the bytes of a shorter one.
"""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of the bytes: add new ones at the end."""

    USERS = 1
    ITEMS = 2
    LEAVING = 3
    SESSIONS = 4
    SLOTS = 5
    FUNNEL = 6
    NOTIFICATIONS = 7
    CONSENT = 8
    REFUNDS = 9
    DIRT = 10


def open_stream(seed: int, purpose: Purpose, day: int = 0) -> np.random.Generator:
    """Open the stream of one purpose on one day (day index from 0; 0 for what has no day)."""
    return np.random.default_rng([seed, int(purpose), day])
