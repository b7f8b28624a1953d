"""The splits of the recommender's training set."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from jobs.adapters.lake.arrow import empty_pandas
from jobs.core.config import Settings, load_settings
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.model_schemas import RECOMMENDER_TRAINING
from jobs.datasets.recommender_training import build, current_affinity, holdout_cut, truth_days

RUN_DATE = date(2025, 3, 31)
CUT = date(2025, 3, 15)
COLUMNS = ["user_id", "item_id", "event_day", "weight"]


def settings_of(first_day: date = date(2025, 1, 1)) -> Settings:
    """Horizon of 14 days, events up to 2 days late, half-life of 30 days."""
    settings = load_settings("sample")
    return settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"first_day": first_day})})


def state(*rows: tuple[str, str, float, date]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "item_id", "affinity", "affinity_day"])


def daily(*rows: tuple[str, str, date, str]) -> pd.DataFrame:
    return pd.DataFrame([(*row[:3], Decimal(row[3])) for row in rows], columns=COLUMNS)


def test_the_truth_has_closed_by_the_run_date() -> None:
    assert holdout_cut(settings_of(), RUN_DATE) == CUT == RUN_DATE - timedelta(14 + 2)
    days = truth_days(settings_of(), RUN_DATE)
    assert (days[0], days[-1], len(days)) == (CUT + timedelta(1), RUN_DATE, 16)


@pytest.mark.parametrize(("first_day", "cut"), [(CUT, CUT), (CUT + timedelta(1), None)])
def test_no_cut_before_the_first_day(first_day: date, cut: date | None) -> None:
    assert holdout_cut(settings_of(first_day), RUN_DATE) == cut
    assert bool(truth_days(settings_of(first_day), RUN_DATE)) == (cut is not None)


def test_affinity_decays_to_the_day() -> None:
    rows = state(("u", "i", 4.0, RUN_DATE), ("u", "j", 4.0, RUN_DATE - timedelta(30)), ("u", "k", -2.0, RUN_DATE))
    assert current_affinity(rows, RUN_DATE, 30).tolist() == [4.0, 2.0, -2.0]


def test_splits() -> None:
    at_cut = state(("u", "i", 4.0, CUT), ("u", "unwanted", -1.0, CUT))
    at_end = state(("u", "i", 4.0, RUN_DATE), ("u", "j", 8.0, RUN_DATE - timedelta(30)), ("v", "zero", 0.0, RUN_DATE))
    first, last = CUT + timedelta(1), CUT + timedelta(14)
    events = daily(
        ("u", "on_cut", CUT, "5"),
        ("u", "first", first, "5"),
        ("u", "last", last, "0.5"),
        ("u", "after", last + timedelta(1), "5"),
        ("u", "cancelled", first, "5"),
        ("u", "cancelled", last, "-5"),
        ("u", "disliked", first, "-2"),
        ("v", "twice", first, "1"),
        ("v", "twice", last, "1"),
    )
    rows = build(at_cut, events, at_end, settings_of(), RUN_DATE)
    assert set(rows.itertuples(index=False, name=None)) == {
        ("full", "u", "i", 4.0),
        ("full", "u", "j", 4.0),
        ("holdout_history", "u", "i", 4.0),
        ("holdout_truth", "u", "first", 1.0),
        ("holdout_truth", "u", "last", 1.0),
        ("holdout_truth", "v", "twice", 1.0),
    }
    assert len(rows) == 6
    assert rows.columns.tolist() == list(RECOMMENDER_TRAINING.column_names)


def test_a_young_app_has_the_full_split_only() -> None:
    none = empty_pandas(USER_ITEM_DAILY, COLUMNS)
    at_end = state(("u", "i", 4.0, RUN_DATE))
    assert build(None, none, at_end, settings_of(RUN_DATE), RUN_DATE)["split"].tolist() == ["full"]
    assert build(at_end, none, at_end, settings_of(), RUN_DATE)["split"].tolist() == ["full", "holdout_history"]
