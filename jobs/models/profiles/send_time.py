"""The best hour of the week for a notification, by the user's own clock.

Chance of an open at an hour = that of all notifications, times how much more the user is there than at a random
hour, corrected by what the user opened of what was sent about then. Hours of visits lean to a peak of the user's own
(peaks.py), peaks to those of the group, and these to everybody's, by empirical Bayes (Efron and Morris, 1973): a user
with few visits gets the hour of the group.
How far opens correct visits is learned in the same way: where users open as they visit, single opens are noise.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.profiles import SendTimeSettings
from jobs.models.profiles.hours import HOURS, counts_of
from jobs.models.profiles.peaks import expected_hours
from jobs.models.profiles.shrinkage import choose_trust, choose_weight, group_means, prior_of, shrink

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEEKDAYS = 7
DIGITS = 4
MOST_CHANCE = 0.95
"""Of an open, however much the user is there."""

PRIOR_OPENS = 2.0
"""Opens that the level of all users is worth beside the own ones."""

UNKNOWN_OPEN_RATE = 0.05
"""Where the log has no notifications; it cancels in the gain but for the bound above."""


@dataclass(frozen=True)
class Counts:
    """What is known of n users: hours with a visit, a notification sent and one opened, (n, 24); weekdays, (n, 7)."""

    visits: Floats
    weekdays: Floats
    sent: Floats
    opened: Floats

    @classmethod
    def of(cls, habits: pd.DataFrame) -> "Counts":
        """From rows of `user_habits_state` in the order of the users; missing values are zeros."""
        by_hour = (counts_of(habits[f"{name}_hours"]) for name in ("visit", "sent", "opened"))
        visits, sent, opened = by_hour
        return cls(visits, counts_of(habits["weekdays"], WEEKDAYS), sent, opened)


def build_send_times(
    users: npt.NDArray[np.object_],
    habits: pd.DataFrame,
    group: Ints,
    n_groups: int,
    settings: SendTimeSettings,
    time_zone: str,
) -> pd.DataFrame:
    """The best hour of every user.

    Parameters
    ----------
    users
        Shape (n,): ids.
    habits
        Rows of `user_habits_state`.
    group, n_groups
        Shape (n,): group of each user from 0, -1 without one; and their number.
    settings
        Spread, prior and quiet hours.
    time_zone
        The app's, for users who tell none.

    Returns
    -------
    DataFrame
        One row per user, in the order of the input: the columns of `send_times`.
    """
    own = habits.set_index("user_id").reindex(users)
    counts = Counts.of(own)
    chance = open_chances(counts, group, n_groups, settings)
    week = chance[:, None, :] * _weekday_lift(counts, group, n_groups)[:, :, None]
    loud = np.setdiff1d(np.arange(HOURS), settings.quiet_hours)
    flat = week[:, :, loud].reshape(len(users), -1)
    best = flat.argmax(axis=1)
    top = flat[np.arange(len(users)), best]
    n_visits = counts.visits.sum(axis=1)
    return pd.DataFrame(
        {
            "user_id": users,
            "weekday": best // len(loud),
            "hour": loud[best % len(loud)],
            "time_zone": own["time_zone"].fillna(time_zone).to_numpy(dtype=object),
            "expected_gain": (top / flat.mean(axis=1) - 1).round(DIGITS) + 0.0,
            "based_on": np.where(
                n_visits >= settings.own_visits, "own", np.where(group >= 0, "segment", "everybody")
            ).astype(object),
            "n_visits": n_visits.astype("int64"),
            "n_opened": counts.opened.sum(axis=1).astype("int64"),
        }
    )


def open_chances(counts: Counts, group: Ints, n_groups: int, settings: SendTimeSettings) -> Floats:
    """Chance of an open by hour of the day, shape (n, 24)."""
    # Who opens a message is there, whether anything else is done then or not.
    there = counts.visits + counts.opened
    prior = expected_hours(there, group, n_groups)
    weight = choose_weight(there, prior)
    kernel = _kernel(settings.spread_hours)
    lift = HOURS * shrink(there, prior, weight) @ kernel
    # An open may come in an hour after that of its message.
    opened, sent = counts.opened, np.maximum(counts.sent, counts.opened)
    expected = _expected(lift, opened, sent)
    due = expected * sent
    trust = choose_trust(opened, due)
    near = kernel / kernel.max()
    chance = expected * (opened @ near + trust) / (due @ near + trust)
    return np.asarray(np.minimum(chance, MOST_CHANCE), dtype=np.float64)


def _expected(lift: Floats, opened: Floats, sent: Floats) -> Floats:
    """Chance of an open by visits alone, (n, 24): the rate of all, times the user's own level, times the lift."""
    if not opened.sum():
        return np.minimum(UNKNOWN_OPEN_RATE * lift, MOST_CHANCE)
    by_visits = lift * (opened.sum() / (sent * lift).sum())
    due = (sent * by_visits).sum(axis=1, keepdims=True)
    level = (opened.sum(axis=1, keepdims=True) + PRIOR_OPENS) / (due + PRIOR_OPENS)
    return np.asarray(np.minimum(by_visits * level, MOST_CHANCE), dtype=np.float64)


def _weekday_lift(counts: Counts, group: Ints, n_groups: int) -> Floats:
    """How much more the user is there on a weekday than on a random one, shape (n, 7)."""
    everybody, means = group_means(counts.weekdays, group, n_groups)
    prior = prior_of(everybody, means, group)
    return WEEKDAYS * shrink(counts.weekdays, prior, choose_weight(counts.weekdays, prior))


def _kernel(spread: float) -> Floats:
    """Shape (24, 24): how much an hour says of another one, round the clock; rows sum to 1."""
    apart = np.abs(np.arange(HOURS)[:, None] - np.arange(HOURS))
    apart = np.minimum(apart, HOURS - apart)
    weight = np.exp(-0.5 * (apart / spread) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float64)
