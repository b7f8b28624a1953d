"""What the models see: the numbers of `user_activity` on scales on which they add up, and a few ratios of them.

Counts and sums of money go through a signed logarithm. The ratios say what a plain number cannot: whether a
silence is long *for this user*.
"""

from typing import Any

import numpy as np
import pandas as pd

from jobs.models.predictions.rhythm import Days, Rhythm

SMOOTH_DAYS = 30.0  # added to tenure in rates, so that a first day is no rate of one a day
LEAST_DAYS = 1e-3  # expected days below it differ by nothing
PLAIN = ("trend", "price_spread")


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
        One row per user, float64: each column of the input by its name, on a logarithmic scale but for `PLAIN`, and
        the ratios and what the rhythm says. Pauses of users with one active day are taken as their tenure.
    """
    told = features.astype(np.float64)
    design: dict[str, Any] = {name: told[name] if name in PLAIN else _signed_log(told[name]) for name in told.columns}
    tenure, silence, days = (told[name] for name in ("tenure_days", "days_since_event", "n_active_days"))
    known = Days.of_features(told)
    gap = told["mean_gap_days"].fillna(tenure.clip(lower=SMOOTH_DAYS))
    spread = told["gap_deviation_days"].fillna(SMOOTH_DAYS) + 10.0
    design |= {
        "mean_gap_days": np.log1p(gap),
        "gap_deviation_days": np.log1p(told["gap_deviation_days"].fillna(tenure)),
        "gaps_since_event": np.log1p(silence / gap.clip(lower=1.0)),
        "late_by": ((silence - gap) / spread).clip(-3.0, 10.0),
        "days_per_tenure": np.log((days + 1.0) / (tenure + SMOOTH_DAYS)),
        "one_day_only": (days <= 1).astype(np.float64),
        "revenue_per_day": np.log1p(told["revenue"].clip(lower=0.0) / days.clip(lower=1.0)),
        "events_per_day": np.log1p(told["n_events"] / days.clip(lower=1.0)),
        "expected_days": np.log(rhythm.expected(known, within) + LEAST_DAYS),
        "odds_gone": rhythm.odds_gone(known),
    }
    return pd.DataFrame(design, index=features.index)


def _signed_log(values: pd.Series) -> pd.Series:
    signed: pd.Series = np.sign(values) * np.log1p(values.abs())
    return signed
