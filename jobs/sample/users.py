"""The users of the sample: habits, tastes, places and the day on which each joins."""

from dataclasses import dataclass, fields

import numpy as np

from jobs.sample.arrays import Floats, Ints
from jobs.sample.groups import GROUPS
from jobs.sample.places import PLACES
from jobs.sample.streams import Purpose, open_stream

TASTE_DIMENSIONS = 8
"""Few enough that some thousand events show a user's taste, enough that tastes differ."""

PLATFORMS = ("web", "ios", "android")
PLATFORM_SHARES = (0.35, 0.30, 0.35)
DEVICE_CLASSES = ("phone", "tablet", "desktop")

JOINED_BEFORE = 0.7
"""Share of all users who are there before day 0; enough of a base for the first nights to train on."""

JOINING_MEAN_DAYS = 45.0
"""Mean wait of those who join later. Not tied to the number of days: a longer log begins the same."""

LONGEST_PAST_DAYS = 365
GROUP_PULL = 0.6
"""Weight of a group's common taste; the personal rest has ``sqrt(1 - GROUP_PULL**2)``, for unit variance."""


@dataclass(frozen=True)
class Users:
    """All users, one position each; user ``n`` of every array is the same one.

    Attributes
    ----------
    group
        (n_users,) index into ``GROUPS``.
    taste
        (n_users, TASTE_DIMENSIONS) about standard normal, six decimals.
    place, platform, device_class
        (n_users,) index into ``PLACES``, ``PLATFORMS``, ``DEVICE_CLASSES``.
    preferred_hour
        (n_users,) local hour, 0 <= hour < 24.
    joined_day
        (n_users,) day index, negative before the log; may lie after its end.
    session_rate
        (n_users,) mean sessions per day, before the weekday.
    """

    group: Ints
    taste: Floats
    place: Ints
    platform: Ints
    device_class: Ints
    preferred_hour: Floats
    joined_day: Ints
    session_rate: Floats

    def __len__(self) -> int:
        return len(self.group)

    def habit(self, name: str) -> Floats:
        """One numeric habit of ``Group`` for every user, shape (n_users,)."""
        return np.array([float(getattr(group, name)) for group in GROUPS])[self.group]

    def take(self, positions: Ints | slice) -> "Users":
        """The users at ``positions``, in that order."""
        return Users(**{field.name: getattr(self, field.name)[positions] for field in fields(self)})


def name_user(position: int) -> str:
    """Id of the user at a position, as the log has it."""
    return f"u{position + 1:05d}"


def draw_users(count: int, seed: int) -> Users:
    """Draw ``count`` users. Independent of the number of days and items."""
    rng = open_stream(seed, Purpose.USERS)
    group = rng.choice(len(GROUPS), size=count, p=[group.share for group in GROUPS])
    platform = rng.choice(len(PLATFORMS), size=count, p=PLATFORM_SHARES)
    habits = {name: np.array([getattr(group, name) for group in GROUPS])[group] for name in ("hour", "session_rate")}
    return Users(
        group=group,
        taste=_draw_taste(group, rng),
        place=rng.choice(len(PLACES), size=count, p=[place.share for place in PLACES]),
        platform=platform,
        device_class=_draw_device_class(platform, rng),
        preferred_hour=np.round((habits["hour"] + rng.normal(0.0, 2.0, count)) % 24, 2) % 24,
        joined_day=_draw_joined_day(count, rng),
        session_rate=np.round(habits["session_rate"] * rng.lognormal(0.0, 0.35, count), 6),
    )


def _draw_taste(group: Ints, rng: np.random.Generator) -> Floats:
    centres = rng.standard_normal((len(GROUPS), TASTE_DIMENSIONS))
    personal = rng.standard_normal((len(group), TASTE_DIMENSIONS))
    taste: Floats = np.round(GROUP_PULL * centres[group] + np.sqrt(1 - GROUP_PULL**2) * personal, 6)
    return taste


def _draw_device_class(platform: Ints, rng: np.random.Generator) -> Ints:
    tablet = (rng.random(len(platform)) < 0.15).astype(np.int64)
    desktop = DEVICE_CLASSES.index("desktop")
    on_web = platform == PLATFORMS.index("web")
    return np.where(on_web & (rng.random(len(platform)) < 0.7), desktop, tablet)


def _draw_joined_day(count: int, rng: np.random.Generator) -> Ints:
    before = rng.random(count) < JOINED_BEFORE
    past = -rng.integers(1, LONGEST_PAST_DAYS + 1, count)
    future = rng.geometric(1.0 / JOINING_MEAN_DAYS, count) - 1
    return np.where(before, past, future)
