"""What the models see: numbers of `user_activity` on scales on which they add up, and a few ratios of them.

Counts and sums of money go through a signed logarithm. The ratios say what a plain number cannot: whether a
silence is long *for this user*. Of columns that say nearly the same a few stand for all: thirty log-columns of the
same visits made a regression of a few thousand users worse than half of them.
"""

from typing import Any

import numpy as np
import pandas as pd

from jobs.models.predictions.rhythm import Days, Rhythm

PLAIN = ("trend", "price_spread", "mean_log_revenue", "wanted_popularity", "mean_hour", "weekday_entropy")
LOGARITHMS = (
    "tenure_days", "days_since_event", "days_since_intent",
    "n_active_days", "n_active_days_7d", "n_active_days_28d", "n_active_days_90d", "activity",
    "n_sessions_28d", "n_intents_28d", "n_purchases", "n_purchases_28d",
    "revenue", "revenue_28d", "revenue_90d", "decayed_revenue", "typical_price",
    "n_long_gaps",
)  # fmt: skip
BENT = ("days_since_event", "gaps_since_event", "expected_days")
"""Columns of which a line is given the square too: a long silence says less with every further day."""

LEAST_DAYS = 1e-3  # expected days below it differ by nothing
LEAST_SHARE = 1 / 20  # of the usual pause of all: of a user who comes daily, an hour more or less is nothing


def build_design(features: pd.DataFrame, rhythm: Rhythm, within: int) -> pd.DataFrame:
    """Columns for a model.

    Parameters
    ----------
    features
        One row per user: the numeric columns of `user_activity`, not-a-number where unknown.
    rhythm
        How users come and leave, fitted on the rows of training.
    within
        Days in which visits are expected.

    Returns
    -------
    DataFrame
        One row per user, float64: `LOGARITHMS` and `PLAIN` by their names, the ratios, and the squares of `BENT`.
        Everybody's pauses hold one of the usual length more than were seen, so that a user of one day has some.
    """
    told = features.astype(np.float64)
    design: dict[str, Any] = {name: _signed_log(told[name]) for name in LOGARITHMS}
    design |= {name: told[name] for name in PLAIN}
    made = pd.DataFrame({**design, **_rhythm(told, rhythm, within), **_amounts(told)}, index=features.index)
    return made.assign(**{f"{name}_squared": made[name] ** 2 for name in BENT})


def _rhythm(told: pd.DataFrame, rhythm: Rhythm, within: int) -> dict[str, Any]:
    days, usual = Days.of_features(told), rhythm.usual_gap
    count = days.repeats + 1.0
    silence = told["days_since_event"].to_numpy()
    gap = (days.recency + usual) / count
    seen = (told["gap_deviation_days"] ** 2 + told["mean_gap_days"] ** 2).fillna(0.0).to_numpy() * days.repeats
    spread = np.sqrt(((seen + 2.0 * usual**2) / count - gap**2).clip(0.0))
    least = usual * LEAST_SHARE
    return {
        "usual_gap": np.log1p(gap),
        "gap_spread": np.log1p(spread),
        "gaps_since_event": np.log((silence + least) / (gap + least)),
        "days_per_tenure": np.log((count + 0.3) / (days.age + usual / 2)),
        "one_day_only": (days.repeats == 0).astype(np.float64),
        "expected_days": np.log(rhythm.expected(days, within) + LEAST_DAYS),
        "odds_gone": rhythm.odds_gone(days),
    }


def _amounts(told: pd.DataFrame) -> dict[str, Any]:
    days = told["n_active_days"].clip(lower=1.0)
    return {
        "revenue_per_day": np.log1p(told["revenue"].clip(lower=0.0) / days),
        "events_per_day": np.log1p(told["n_events"] / days),
    }


def _signed_log(values: pd.Series) -> pd.Series:
    signed: pd.Series = np.sign(values) * np.log1p(values.abs())
    return signed
