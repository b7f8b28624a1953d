"""When in a day things happen: around the user's preferred local hour."""

import numpy as np

from jobs.sample.arrays import Floats, Ints
from jobs.sample.users import Users

MS_PER_DAY = 86_400_000
MS_PER_HOUR = 3_600_000

HABIT_SHARE = 0.8
"""Share of moments near the preferred hour; the rest falls anywhere in the waking hours."""

HABIT_SPREAD_HOURS = 2.0
WAKING_HOURS = (7.0, 23.5)


def draw_moments(users: Users, chosen: Ints, utc_offsets: Floats, rng: np.random.Generator) -> Ints:
    """Draw a moment of the UTC day for each chosen user.

    Parameters
    ----------
    users
        The whole population.
    chosen
        (n,) positions of users, repeats allowed.
    utc_offsets
        Hours ahead of UTC per place.

    Returns
    -------
    Ints
        (n,) milliseconds since midnight UTC.
    """
    near = users.preferred_hour[chosen] + rng.normal(0.0, HABIT_SPREAD_HOURS, len(chosen))
    anywhen = rng.uniform(*WAKING_HOURS, len(chosen))
    local = np.where(rng.random(len(chosen)) < HABIT_SHARE, near, anywhen)
    return to_utc_ms(local, users.place[chosen], utc_offsets)


def to_utc_ms(local_hour: Floats, place: Ints, utc_offsets: Floats) -> Ints:
    """Local hours as milliseconds of the UTC day; hours beyond midnight wrap around."""
    hour = (local_hour - utc_offsets[place]) % 24
    return np.minimum((hour * MS_PER_HOUR).astype(np.int64), MS_PER_DAY - 1)


def to_local_hour(ms: Ints, place: Ints, utc_offsets: Floats) -> Floats:
    """Local hour, 0 <= hour < 24, of milliseconds of the UTC day."""
    hour: Floats = (ms / MS_PER_HOUR + utc_offsets[place]) % 24
    return hour


def hours_apart(left: Floats, right: Floats) -> Floats:
    """Distance of two hours on the clock's face, 0 to 12."""
    ahead = np.abs(left - right) % 24
    apart: Floats = np.minimum(ahead, 24 - ahead)
    return apart
