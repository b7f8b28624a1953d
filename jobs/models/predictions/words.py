"""Reasons in words: which side of a user moved a prediction most, and what that side looks like."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Told = Mapping[str, float]

TOLD = (
    "days_since_event", "mean_gap_days", "tenure_days", "n_active_days", "n_active_days_28d", "n_active_days_90d",
    "revenue", "revenue_90d", "n_purchases", "n_purchases_28d", "typical_price", "n_sessions_7d", "n_sessions_28d",
    "n_events_7d", "n_events_28d", "mean_hour", "weekday_entropy", "wanted_popularity",
)  # fmt: skip
"""Features that the sentences tell: taking no others halves the time of a million users' reasons."""

N_REASONS = 3

SIDES: dict[str, tuple[str, ...]] = {
    "silence": ("days_since_event", "days_since_event_squared", "days_since_intent", "gaps_since_event",
                "gaps_since_event_squared", "usual_gap", "gap_spread", "expected_days", "expected_days_squared",
                "odds_gone"),
    "tenure": ("tenure_days", "one_day_only"),
    "money": ("revenue", "revenue_28d", "revenue_90d", "decayed_revenue", "revenue_per_day",
              "mean_log_revenue"),
    "purchases": ("n_purchases", "n_purchases_28d"),
    "price": ("typical_price", "price_spread"),
    "habit": ("n_active_days", "n_active_days_7d", "n_active_days_28d", "n_active_days_90d", "days_per_tenure",
              "trend", "activity", "n_long_gaps"),
    "visits": ("n_sessions_28d",),
    "hours": ("mean_hour", "weekday_entropy"),
    "taste": ("wanted_popularity",),
}  # fmt: skip
"""Columns of the design by what they are about; the others are `events`."""


def build_reasons(columns: list[str], contributions: Floats, features: pd.DataFrame) -> list[list[str]]:
    """The sides that moved each user's prediction most, in words, the strongest first.

    Parameters
    ----------
    columns
        Names of the design's columns.
    contributions
        Shape (n, n_columns): what each column added.
    features
        One row per user, in that order: what the words tell.

    Returns
    -------
    list of list of str
        `N_REASONS` a user.
    """
    side_of = {column: side for side, names in SIDES.items() for column in names}
    names = sorted(SENTENCES)
    place = np.array([names.index(side_of.get(column, "events")) for column in columns])
    moved = np.zeros((len(features), len(names)))
    for column, side in enumerate(place):
        moved[:, side] += contributions[:, column]
    first = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :N_REASONS]
    told = [features[name].to_numpy(dtype=np.float64).tolist() for name in TOLD]
    rows = [dict(zip(TOLD, values, strict=True)) for values in zip(*told, strict=True)]
    return [[SENTENCES[names[side]](row) for side in sides] for row, sides in zip(rows, first.tolist(), strict=True)]


def _silence(told: Told) -> str:
    days, gap = told["days_since_event"], told["mean_gap_days"]
    said = "here today" if days == 0 else f"no visit for {_days(days)}"
    return said if np.isnan(gap) else f"{said}; used to come every {_days(max(gap, 1.0))}"


def _tenure(told: Told) -> str:
    return f"first seen {_days(told['tenure_days'])} ago, on {_days(told['n_active_days'])} since"


def _money(told: Told) -> str:
    return f"spent {told['revenue_90d']:,.2f} in 90 days, {told['revenue']:,.2f} in all"


def _purchases(told: Told) -> str:
    return f"{told['n_purchases_28d']:.0f} purchases in 28 days, {told['n_purchases']:.0f} in all"


def _price(told: Told) -> str:
    price = told["typical_price"]
    return "no price to go by" if np.isnan(price) else f"usually wants things of about {price:,.2f}"


def _habit(told: Told) -> str:
    return f"active on {_days(told['n_active_days_28d'])} of the last 28, {_days(told['n_active_days_90d'])} of 90"


def _visits(told: Told) -> str:
    return f"{told['n_sessions_28d']:.0f} visits in 28 days, {told['n_sessions_7d']:.0f} in the last 7"


def _events(told: Told) -> str:
    return f"did {told['n_events_28d']:.0f} things in 28 days, {told['n_events_7d']:.0f} in the last 7"


def _hours(told: Told) -> str:
    return f"usually here about {told['mean_hour']:.0f} o'clock, on {_weekdays(told['weekday_entropy'])}"


def _weekdays(entropy: float) -> str:
    """As many weekdays, all alike, as have that entropy."""
    days = round(np.exp(entropy))
    return "one day of the week" if days <= 1 else f"{days:.0f} days of the week"


def _taste(told: Told) -> str:
    popularity = told["wanted_popularity"]
    if np.isnan(popularity):
        return "wanted nothing yet"
    return f"wants things that are {np.exp(popularity):,.1f} times as common as what others want"


def _days(number: float) -> str:
    return "1 day" if round(number) == 1 else f"{number:.0f} days"


SENTENCES: dict[str, Callable[[Told], str]] = {
    "silence": _silence,
    "tenure": _tenure,
    "money": _money,
    "purchases": _purchases,
    "price": _price,
    "habit": _habit,
    "visits": _visits,
    "events": _events,
    "hours": _hours,
    "taste": _taste,
}
