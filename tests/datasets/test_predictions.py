"""Training sets: windows, labels, and that features know nothing of them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from jobs.core.config import load_settings
from jobs.datasets.labels import churn, conversion, return_visit, value
from jobs.datasets.predictions import FEATURES, PREDICTION_TRAINING, PREDICTIONS, all_cuts, build, label_cuts

SETTINGS = load_settings("sample")
DAY = date(2025, 3, 1)
CUT = date(2025, 2, 1)


def daily(*rows: tuple[str, int, int, int, float]) -> pd.DataFrame:
    columns = ["user_id", "event_day", "n_intents", "n_purchases", "revenue"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(event_day=[CUT + timedelta(days) for days in frame["event_day"]])


def test_labels_end_with_their_window() -> None:
    users = pd.Series(["a", "b", "c"])
    rows = daily(("a", 14, 1, 1, 5.0), ("b", 15, 1, 1, 9.0), ("c", 0, 1, 1, 7.0), ("c", 3, 0, 0, -2.0))
    assert churn.build(users, rows, CUT, 14).tolist() == [0, 1, 1]
    assert conversion.build(users, rows, CUT, 14, "purchase").tolist() == [1, 0, 0]
    assert value.build(users, rows, CUT, 14).tolist() == [5, 0, 0]
    assert return_visit.build(users, rows, CUT, 14).tolist() == [14, 15, 3]


@pytest.mark.parametrize("horizon", [7, 14, 90])
def test_windows_of_the_judged_model_had_closed_before_the_holdout(horizon: int) -> None:
    cuts = label_cuts(SETTINGS, date(2026, 6, 1), horizon)
    closed = timedelta(horizon + SETTINGS.max_late_days)
    holdout = next(cut for cut, split in cuts.items() if split == "holdout")
    assert holdout + closed == date(2026, 6, 1)
    assert all(cut + closed <= holdout for cut, split in cuts.items() if split == "train")
    assert [split for split in cuts.values()].count("train") == SETTINGS.churn.cuts


def features_at(cuts: list[date]) -> dict[date, pd.DataFrame]:
    rows = pd.DataFrame(dict.fromkeys(FEATURES, 1.0) | {"user_id": ["a", "b"], "country": "NL", "platform": None})
    return {cut: rows.assign(days_since_event=[3.0, 200.0]) for cut in cuts}


def test_events_inside_and_after_a_window_move_no_feature() -> None:
    features = features_at(all_cuts(SETTINGS, DAY))
    plain = build(PREDICTIONS["churn"], features, daily(), SETTINGS, DAY)
    added = build(PREDICTIONS["churn"], features, daily(("a", 1, 9, 9, 99.0), ("a", 60, 9, 9, 9.0)), SETTINGS, DAY)
    assert plain.columns.tolist() == list(PREDICTION_TRAINING.column_names)
    assert set(plain["user_id"]) == {"a"}  # b is not at risk
    same = [name for name in plain.columns if name != "target"]
    pd.testing.assert_frame_equal(plain[same], added[same])
    assert not np.array_equal(plain["target"], added["target"])


def test_without_a_closed_window_there_are_no_rows() -> None:
    rows = build(PREDICTIONS["value"], {}, daily(), SETTINGS, SETTINGS.schedule.first_day)
    assert rows.empty
    assert rows.columns.tolist() == list(PREDICTION_TRAINING.column_names)
