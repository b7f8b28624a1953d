"""The label windows of the recommender."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from jobs.core.config import Settings, load_settings
from jobs.core.model_schemas import RECOMMENDER_TRAINING
from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Catalogue, ItemDays, Past, Window
from jobs.datasets.recommender_training import build, history_days, label_cuts

RUN_DATE = date(2025, 3, 31)
NEWEST = date(2025, 3, 15)


def settings_of(first_day: date = date(2024, 1, 1)) -> Settings:
    """Horizon of 14 days, events up to 2 days late, three windows to learn from."""
    settings = load_settings("sample")
    return settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"first_day": first_day})})


def test_labels_have_closed_by_the_next_cut() -> None:
    cuts = label_cuts(settings_of(), RUN_DATE)
    assert cuts[0] == NEWEST == RUN_DATE - timedelta(14 + 2)
    assert len(cuts) == settings_of().recommender.ranker.windows + 1
    assert {later - earlier for later, earlier in pairwise(cuts)} == {timedelta(14 + 2)}


@pytest.mark.parametrize(("first_day", "cuts"), [(NEWEST, [NEWEST]), (NEWEST + timedelta(1), [])])
def test_no_cut_before_the_first_day(first_day: date, cuts: list[date]) -> None:
    assert label_cuts(settings_of(first_day), RUN_DATE) == cuts


def test_histories_reach_back_from_the_earliest_cut_and_not_before_the_first_day() -> None:
    days = history_days(settings_of(date(2020, 1, 1)), RUN_DATE)
    earliest = label_cuts(settings_of(), RUN_DATE)[-1]
    assert days[0] == earliest - timedelta(settings_of().recommender.history_days - 1)
    assert days[-1] == RUN_DATE
    assert history_days(settings_of(NEWEST), RUN_DATE)[0] == NEWEST


def window() -> Window:
    rows = pd.DataFrame(
        {
            "user_id": ["u", "v"],
            "item_id": ["i", "j"],
            "event_day": [NEWEST, NEWEST],
            "first_event_time": pd.to_datetime([NEWEST, NEWEST]),
            **{name: [1.0, 1.0] for name in COUNTS},
        }
    )
    history = History.from_frame(rows, NEWEST, "purchases")
    nothing = np.empty(0, np.float32)
    days = ItemDays(np.empty(0, np.int32), np.empty(0, np.int32), nothing, nothing, nothing)
    texts, ages = np.array(["", ""]), np.zeros(2, np.int32)
    catalogue = Catalogue(history.items, texts, texts, np.ones(2, np.float32), ages, ages, np.ones(2, np.bool_))
    truth = csr_matrix((np.ones(2, np.float32), ([0, 0], [1, 0])), shape=(2, 2))
    return Window(Past(history, days, catalogue), truth)


def test_rows_are_what_was_wanted_after_each_cut() -> None:
    rows = build([window()])
    assert list(rows.columns) == list(RECOMMENDER_TRAINING.column_names)
    assert [tuple(row) for row in rows.itertuples(index=False)] == [(NEWEST, "u", "i"), (NEWEST, "u", "j")]


def test_without_a_window_there_is_nothing() -> None:
    assert build([]).empty
