"""Reasons: each column belongs to a side of a user, and each side has words."""

import numpy as np
import pandas as pd
import pytest

from jobs.models.predictions.words import SENTENCES, SIDES, build_reasons
from tests.models.predictions.observed import observed_users


def reason(column: str, **told: float) -> str:
    """What is said where that column alone moved the prediction."""
    features, _, _ = observed_users(1)
    return build_reasons([column], np.ones((1, 1)), features.assign(**told))[0][0]


def test_every_side_has_a_sentence_and_no_column_two_sides():
    columns = [column for names in SIDES.values() for column in names]
    assert set(SIDES) < set(SENTENCES)
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize(
    ("column", "told", "said"),
    [
        (
            "n_long_gaps",
            {"n_active_days_28d": 1, "n_active_days_90d": 7},
            "active on 1 day of the last 28, 7 days of 90",
        ),
        ("mean_log_revenue", {"revenue_90d": 5, "revenue": 1234.5}, "spent 5.00 in 90 days, 1,234.50 in all"),
        (
            "wanted_popularity",
            {"wanted_popularity": np.log(0.5)},
            "wants things that are 0.5 times as common as what others want",
        ),
        ("wanted_popularity", {"wanted_popularity": np.nan}, "wanted nothing yet"),
        (
            "mean_hour",
            {"mean_hour": 14.6, "weekday_entropy": 0.0},
            "usually here about 15 o'clock, on one day of the week",
        ),
        (
            "weekday_entropy",
            {"mean_hour": 9.0, "weekday_entropy": np.log(3)},
            "usually here about 9 o'clock, on 3 days of the week",
        ),
    ],
)
def test_what_is_said(column: str, told: dict[str, float], said: str):
    assert reason(column, **told) == said


def test_the_columns_of_a_side_count_together():
    features, _, _ = observed_users(1)
    columns = ["revenue", "mean_hour", "weekday_entropy"]
    moved = np.array([[-0.5, 0.3, 0.3]])
    first, second, _ = build_reasons(columns, moved, pd.DataFrame(features))[0]
    assert first.startswith("usually here")
    assert second.startswith("spent")
