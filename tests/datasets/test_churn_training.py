"""Label windows: features know nothing after their cut, and labels nothing outside their window."""

from datetime import date, timedelta

import pandas as pd
import pytest
from one_log import one_log_app

from jobs.adapters.lake.arrow import empty_pandas
from jobs.core.config import Settings
from jobs.core.daily_schemas import USER_DAILY
from jobs.datasets.churn_training import CHURN_TRAINING, FEATURES, at_risk_days, build, label_cuts, label_days

RUN_DATE = date(2025, 6, 30)
CUT = date(2025, 6, 1)


def settings_of(first_day: date = date(2025, 1, 1), late: int = 2, **churn: object) -> Settings:
    settings = one_log_app(max_late_days=late)
    values = {"horizon_days": 14, "cuts": 3, "cut_step_days": 7, "at_risk_days": 28, **churn}
    return settings.model_copy(
        update={
            "churn": settings.churn.model_copy(update=values),
            "schedule": settings.schedule.model_copy(update={"first_day": first_day}),
        }
    )


def features(*users: tuple[str, int]) -> pd.DataFrame:
    """`user_activity` rows of (user, days since the last event)."""
    rows = pd.DataFrame(users, columns=["user_id", "days_since_event"])
    others = [name for name in FEATURES if name != "days_since_event"]
    return rows.assign(**dict.fromkeys(others, 1), country="GB", platform=None)


def daily(*events: tuple[str, date, int]) -> pd.DataFrame:
    """`user_daily` rows of (user, day of event, intents)."""
    return pd.DataFrame(events, columns=["user_id", "event_day", "n_intents"])


def test_cuts_are_closed_before_the_run_date_and_before_the_holdout() -> None:
    settings = settings_of()
    cuts = label_cuts(settings, RUN_DATE)
    latest, *train = cuts
    assert cuts == [date(2025, 6, 14), date(2025, 5, 29), date(2025, 5, 22), date(2025, 5, 15)]
    assert latest + timedelta(14 + 2) == RUN_DATE
    assert all(cut + timedelta(14 + 2) <= latest for cut in train)


@pytest.mark.parametrize(
    ("first_day", "n_cuts"), [(date(2025, 5, 22), 3), (date(2025, 6, 14), 1), (date(2025, 6, 15), 0)]
)
def test_cuts_before_the_first_day_are_left_out(first_day: date, n_cuts: int) -> None:
    settings = settings_of(first_day)
    assert len(label_cuts(settings, RUN_DATE)) == n_cuts
    days = label_days(settings, RUN_DATE)
    assert bool(days) == bool(n_cuts)
    if days:
        earliest = label_cuts(settings, RUN_DATE)[-1]
        assert (days[0], days[-1], len(days)) == (earliest + timedelta(1), RUN_DATE, (RUN_DATE - earliest).days)


def test_a_window_opens_after_the_cut_and_closes_with_its_last_day() -> None:
    users = ["on_cut", "first_day", "last_day", "after", "no_intent", "silent"]
    came = daily(
        ("on_cut", CUT, 1),
        ("first_day", CUT + timedelta(1), 1),
        ("last_day", CUT + timedelta(14), 2),
        ("after", CUT + timedelta(15), 1),
        ("no_intent", CUT + timedelta(3), 0),
        ("somebody_else", CUT + timedelta(3), 1),
    )
    rows = build({CUT: features(*((user, 0) for user in users))}, came, settings_of())
    assert dict(zip(rows["user_id"], rows["churned"], strict=True)) == {
        "on_cut": True,
        "first_day": False,
        "last_day": False,
        "after": True,
        "no_intent": True,
        "silent": True,
    }


def test_who_is_at_risk() -> None:
    rows = build({CUT: features(("recent", 27), ("gone", 28))}, daily(), settings_of(at_risk_days=28))
    assert rows["user_id"].tolist() == ["recent"]
    assert at_risk_days(settings_of(at_risk_days=None)) == settings_of().activity.days


def test_no_feature_moves_with_what_happens_after_the_cut() -> None:
    earlier = CUT - timedelta(14)
    at_cuts = {CUT: features(("u", 1), ("v", 5)), earlier: features(("u", 2))}
    quiet = build(at_cuts, daily(), settings_of())
    busy_days = [(user, CUT + timedelta(n), 9) for user in "uv" for n in range(-14, 30)]
    busy = build(at_cuts, daily(*busy_days), settings_of())
    kept = ["cut", "split", "user_id", *FEATURES]
    pd.testing.assert_frame_equal(quiet[kept], busy[kept])
    assert quiet["churned"].all()
    assert not busy["churned"].any()


def test_the_latest_cut_is_the_holdout() -> None:
    earlier = CUT - timedelta(14)
    rows = build({CUT: features(("u", 1)), earlier: features(("u", 1))}, daily(), settings_of())
    assert list(zip(rows["cut"], rows["split"], strict=True)) == [(earlier, "train"), (CUT, "holdout")]
    assert rows.columns.tolist() == list(CHURN_TRAINING.column_names)


def test_nothing_known_gives_no_rows() -> None:
    assert build({}, daily(), settings_of()).columns.tolist() == list(CHURN_TRAINING.column_names)
    no_days = empty_pandas(USER_DAILY, ["user_id", "event_day", "n_intents"])
    rows = build({CUT: features(("u", 1))}, no_days, settings_of())
    assert rows["churned"].tolist() == [True]
    assert build({CUT: features(("u", 99))}, no_days, settings_of()).empty


def test_only_numbers_are_features() -> None:
    assert {"country", "platform", "user_id"}.isdisjoint(FEATURES)
    assert "days_since_event" in FEATURES
