"""The card says what was learned from, how it did and where it ends."""

from datetime import date

import numpy as np
import pandas as pd

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.comparison import Comparison
from jobs.models.predictions.head import HeadParams
from jobs.models.predictions.model import PredictionModel, Task
from jobs.stages.prediction_card import build_card

PRIOR = PredictionModel(Task("churn", (14,)), HeadParams(0.1, {}, 2, 10, 1))
ROWS = pd.DataFrame(
    {
        "cut": [date(2025, 2, 1)] * 2 + [date(2025, 2, 15)],
        "split": ["holdout", "holdout", "fresh"],
        "target": [1.0, 0.0, np.nan],
    }
)
METRICS = {"auc": 0.75, "auc_low": 0.7, "auc_high": 0.8, "n_users": 2.0, "country.N|L.auc": 0.6}
OF_GROUPS = {"country.NL.auc": 0.6, "country.NL.auc_low": 0.5, "country.NL.auc_high": 0.65, "country.BE.auc": 0.7}


def test_every_cut_stands_there_with_its_users_its_target_and_what_for() -> None:
    card = build_card(PRIOR, "churn-1", METRICS, {}, ROWS, None)
    assert "| 2025-02-01 | 2 | 0.5 | judged; trained what serves afterwards |" in card
    assert "| 2025-02-15 | 1 |  | taught what serves the order of users; its own window is not over |" in card


def test_numbers_have_their_intervals_and_a_group_cannot_break_the_table() -> None:
    card = build_card(PRIOR, "churn-1", METRICS, {}, ROWS, None)
    assert "| auc | 0.75 | 0.7 to 0.8 |" in card
    assert "| n_users | 2 |  |" in card
    assert "| country.N|L |" not in card
    assert "## Since the champion" not in card


def test_a_group_has_its_interval_where_there_is_one() -> None:
    card = build_card(PRIOR, "churn-1", METRICS | OF_GROUPS, {}, ROWS, None)
    assert "| country.NL | 0.6000 | 0.5 to 0.65 |" in card
    assert "| country.BE | 0.7000 |  |" in card


def test_beside_the_champion() -> None:
    pair = Paired(0.75, 0.74, 0.01, -0.01, 0.03, 0.0135, -0.0135, 0.04)
    card = build_card(PRIOR, "churn-1", METRICS, {}, ROWS, Comparison(0.95, 200, 2, {"auc": pair}, {}))
    assert "| auc | 0.7400 | 0.7500 | +0.0100 (-0.0100 to +0.0300) |" in card


def test_a_first_night_says_that_it_was_not_judged() -> None:
    card = build_card(PRIOR, "churn-1", {}, {}, ROWS.head(0), None)
    assert "it was not judged" in card
    assert "the mean of each segment and nothing else" in card
