"""Training sets: windows, labels, and that features know nothing of them."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from jobs.core.config import load_settings
from jobs.datasets.labels import churn, conversion, return_visit, value
from jobs.datasets.predictions import (
    FEATURES,
    PREDICTION_TRAINING,
    PREDICTIONS,
    all_cuts,
    before_holdout,
    build,
    drawn,
    label_cuts,
)

SETTINGS = load_settings("sample")
DAY = date(2025, 3, 1)
CUT = date(2025, 2, 1)


def daily(*rows: tuple[str, int, int, int, float]) -> pd.DataFrame:
    columns = ["user_id", "event_day", "n_intents", "n_purchases", "revenue"]
    frame = pd.DataFrame(rows, columns=columns).assign(n_goals=0, n_goodbyes=0)
    return frame.assign(event_day=[CUT + timedelta(days) for days in frame["event_day"]])


def test_labels_end_with_their_window() -> None:
    users = pd.Series(["a", "b", "c"])
    rows = daily(("a", 14, 1, 1, 5.0), ("b", 15, 1, 1, 9.0), ("c", 0, 1, 1, 7.0), ("c", 3, 0, 0, -2.0))
    assert churn.build(users, rows, CUT, 14).tolist() == [0, 1, 1]
    assert conversion.build(users, rows, CUT, 14, "purchase").tolist() == [1, 0, 0]
    assert value.build(users, rows, CUT, 14).tolist() == [5, 0, 0]
    assert return_visit.build(users, rows, CUT, 14).tolist() == [14, 15, 3]


def test_whoever_says_goodbye_and_does_not_return_in_the_window_has_churned() -> None:
    users = pd.Series(["left", "returned", "same_day", "later", "silent"])
    rows = daily(
        ("left", 2, 1, 0, 0.0), ("left", 5, 0, 0, 0.0), ("returned", 5, 0, 0, 0.0), ("returned", 6, 1, 0, 0.0),
        ("same_day", 5, 1, 0, 0.0), ("later", 3, 1, 0, 0.0), ("later", 20, 0, 0, 0.0),
    )  # fmt: skip
    found = churn.build(users, rows.assign(n_goodbyes=[0, 1, 1, 0, 1, 0, 1]), CUT, 14)
    assert found.tolist() == [1, 0, 1, 0, 1]


def test_any_event_type_may_be_the_goal() -> None:
    rows = daily(("a", 3, 1, 1, 5.0), ("b", 3, 0, 0, 0.0)).assign(n_goals=[0, 2])
    users = pd.Series(["a", "b"])
    assert conversion.build(users, rows, CUT, 14, "like").tolist() == [0, 1]
    assert conversion.build(users, rows, CUT, 14, "purchase").tolist() == [1, 0]


@pytest.mark.parametrize("horizon", [7, 14, 90])
def test_windows_of_the_judged_model_had_closed_before_the_holdout(horizon: int) -> None:
    told = replace(PREDICTIONS["value"], days=lambda settings: (horizon,))
    cuts = label_cuts(SETTINGS, date(2026, 6, 1), told)
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
    same = [name for name in plain.columns if name not in ("target", "order_target")]
    pd.testing.assert_frame_equal(plain[same], added[same])
    assert not np.array_equal(plain["target"], added["target"])


def test_a_shorter_window_orders_users_at_fresh_cuts_whose_target_is_not_known() -> None:
    settings = load_settings("sample", overrides={"churn.order_days": 7})
    told = PREDICTIONS["churn"]
    cuts = label_cuts(settings, DAY, told)
    late = timedelta(settings.max_late_days)
    fresh = [cut for cut, split in cuts.items() if split == "fresh"]
    assert fresh == [DAY - late - timedelta(7)]
    rows = build(told, features_at(list(cuts)), daily(("a", 20, 1, 1, 5.0)), settings, DAY)
    new = rows[rows["split"] == "fresh"]
    assert new["target"].isna().all()
    # The user came on 21 February: within seven days of the fresh cut, eight days after the holdout.
    assert new["order_target"].tolist() == [0]
    assert rows.loc[rows["split"] == "holdout", ["target", "order_target"]].to_numpy().tolist() == [[0, 1]]


def test_before_the_holdout_only_the_shorter_windows_of_cuts_between_were_known() -> None:
    settings = load_settings("sample", overrides={"churn.order_days": 7})
    cuts = label_cuts(settings, DAY, PREDICTIONS["churn"])
    rows = build(PREDICTIONS["churn"], features_at(list(cuts)), daily(), settings, DAY)
    (holdout,) = (cut for cut, split in cuts.items() if split == "holdout")
    known = before_holdout(rows, 7, settings.max_late_days)
    near = known[known["target"].isna()]
    assert len(near)
    assert all(cut + timedelta(7 + settings.max_late_days) <= holdout for cut in near["cut"])
    assert set(known.loc[known["target"].notna(), "split"]) == {"train"}
    assert set(before_holdout(rows, None, settings.max_late_days)["split"]) == {"train"}


def test_without_a_closed_window_there_are_no_rows() -> None:
    rows = build(PREDICTIONS["value"], {}, daily(), SETTINGS, SETTINGS.schedule.first_day)
    assert rows.empty
    assert rows.columns.tolist() == list(PREDICTION_TRAINING.column_names)


def test_of_too_many_users_the_same_part_is_drawn_at_every_cut() -> None:
    early, late = ([f"u{number:04d}" for number in range(least, 3000)] for least in (0, 1000))
    of_early, of_late = (drawn(pd.DataFrame({"user_id": users}), 3000, 1000)["user_id"] for users in (early, late))
    assert 900 < len(of_early) < 1100
    assert set(of_late) == set(of_early) & set(late)


def test_of_few_enough_users_all_are_drawn() -> None:
    rows = pd.DataFrame({"user_id": ["a", "b", "c"]})
    pd.testing.assert_frame_equal(drawn(rows, 3, 3), rows)
