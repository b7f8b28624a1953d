"""The stage that describes users: a whole night of a small app, thin ones, and a closed day."""

import logging
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from small_app import CLOSED, DAY, NEXT, App

from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.table import Table
from jobs.datasets.tables import table_named

MANY = 150
PROFILES = ("segments", "user_segments", "user_stages", "send_times", "next_interests")


def put_inputs(app: App, day: date, n: int, visits: int = 30, category: str | None = "books") -> None:
    """Users in three groups that come at 8, 14 and 21 and look at ever more; every tenth is silent for long."""
    users = [f"u{number:03d}" for number in range(n)]
    group = np.arange(n) % 3
    end = pd.Timestamp(day, tz="UTC").as_unit("us") + pd.Timedelta(days=1)
    counts = {name.name: 4 for name in table_named("user_activity").columns if name.type in ("long", "double")}
    activity = pd.DataFrame({"user_id": users, "event_timestamp": end}).assign(**counts)
    silent = np.where(np.arange(n) % 10 == 9, 95, 1)
    lists = {"hours": [[0] * 24] * n, "weekdays": [[0] * 7] * n, "country": "NL", "platform": None}
    app.put("user_activity", day, activity.assign(tenure_days=100, days_since_event=silent, **lists))
    app.put("user_habits_state", day, _habits(users, group, visits, day))
    app.put("user_item_state", day, _pairs(users, day))
    app.put_items(day)
    if category is not None:
        put_catalogue(app, day, category)
    app.put_status(day, {"u000": "deleted"} if n else {})


def put_catalogue(app: App, day: date, category: str) -> None:
    columns = [column.name for column in table_named("item_profiles").columns]
    rows = [(item, None, place, None, Decimal("9.5000"), "EUR", True, day) for item, place in
            (("i01", category), ("i02", "games"), ("i03", "lamps"))]  # fmt: skip
    app.put("item_profiles", day, pd.DataFrame(rows, columns=columns))


def _habits(users: list[str], group: np.ndarray, visits: int, day: date) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    hour = np.array([8, 14, 21])[group]
    drawn = (np.round(hour[:, None] + rng.normal(0, 1.5, (len(users), visits))).astype(int)) % 24
    by_hour = [np.bincount(row, minlength=24).tolist() for row in drawn]
    shown = (visits * np.array([2, 6, 15])[group] * rng.lognormal(0, 0.1, len(users))).astype(int)
    nothing = [[0] * 24 for _ in users]
    frame = pd.DataFrame({"user_id": users, "visit_hours": by_hour, "weekdays": [[visits] * 7 for _ in users]})
    return frame.assign(
        sent_hours=nothing, opened_hours=nothing, n_shown=shown, n_opened=0, n_wanted=0, n_bought=0, visits=1.0,
        visits_day=day, time_zone="Europe/Paris",
    )  # fmt: skip


def _pairs(users: list[str], day: date) -> pd.DataFrame:
    liked = [f"i0{1 + number % 3}" for number in range(len(users))]
    counts = {"first_day": day, "last_day": day, "n_events": 9, "n_purchases": 1, "weight": Decimal("9.0000")}
    return pd.DataFrame({"user_id": users, "item_id": liked}).assign(**counts, affinity=9.0, affinity_day=day)


def table(app: App, name: str, day: date) -> pd.DataFrame:
    found: Table = table_named(name)
    return read_pandas(app.lake, found, app.lake.require(name, day, "profile_users"))


def test_a_night_says_all_of_every_active_user(app: App) -> None:
    put_inputs(app, DAY, MANY)
    app.run("profile_users", DAY)
    tables = {name: table(app, name, DAY) for name in PROFILES}

    active = {f"u{number:03d}" for number in range(1, MANY) if number % 10 != 9}
    assert tables["segments"]["segment"].tolist() == ["s1", "s2", "s3"]
    assert set(tables["user_segments"]["user_id"]) == set(tables["send_times"]["user_id"]) == active
    assert set(tables["next_interests"]["user_id"]) == active
    stages = dict(zip(tables["user_stages"]["user_id"], tables["user_stages"]["stage"], strict=True))
    assert len(stages) == MANY - 1
    assert (stages["u001"], stages["u009"]) == ("regular", "lost")
    hours = dict(zip(tables["send_times"]["user_id"], tables["send_times"]["hour"], strict=True))
    assert abs(hours["u003"] - 8) <= 1
    assert abs(hours["u002"] - 21) <= 1
    assert set(tables["send_times"]["time_zone"]) == {"Europe/Paris"}
    interests = dict(zip(tables["next_interests"]["user_id"], tables["next_interests"]["categories"], strict=True))
    assert [interests[user][0] for user in ("u003", "u001", "u002")] == ["books", "games", "lamps"]


def test_groups_keep_their_names_over_a_closed_day(app: App) -> None:
    put_inputs(app, DAY, MANY)
    app.run("profile_users", DAY)
    app.run("profile_users", CLOSED)
    put_inputs(app, NEXT, MANY)
    app.run("profile_users", NEXT)

    before, copied, after = (table(app, "user_segments", day) for day in (DAY, CLOSED, NEXT))
    pd.testing.assert_frame_equal(before, copied)
    assert table(app, "send_times", CLOSED).empty
    assert (after["segment"] == before["segment"]).all()
    assert (after["previous"] == before["segment"]).all()
    segments = table(app, "segments", NEXT)
    assert segments["moved_share"].tolist() == segments["drift"].tolist() == [0.0] * 3
    assert not segments["is_new"].any()


def test_groups_keep_their_names_over_a_night_with_too_few_users(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.settings = app.settings.model_copy(update={"calendar": load_settings("sample").calendar})
    put_inputs(app, DAY, MANY)
    app.run("profile_users", DAY)
    put_inputs(app, CLOSED, 20)
    app.run("profile_users", CLOSED)
    put_inputs(app, NEXT, MANY)
    app.run("profile_users", NEXT)

    before, thin, after = (table(app, "user_segments", day) for day in (DAY, CLOSED, NEXT))
    few = {f"u{number:03d}" for number in range(1, 20) if number % 10 != 9}
    pd.testing.assert_frame_equal(thin, before[before["user_id"].isin(few)].reset_index(drop=True))
    pd.testing.assert_frame_equal(table(app, "segments", CLOSED), table(app, "segments", DAY))
    assert "are too few to learn groups" in caplog.text
    assert "yesterday's stay" in caplog.text
    assert set(after["segment"]) == set(before["segment"]), "nobody is given a new id, nor another group's"
    same = after.merge(before, on="user_id")
    assert (same["segment_x"] == same["segment_y"]).mean() > 0.9


@pytest.mark.parametrize(
    ("n", "visits", "category", "said"),
    [
        (0, 0, None, "are too few to learn groups"),
        (20, 30, "books", "17 users with 20 or more hours with a visit are too few to learn groups"),
        (MANY, 2, "books", "0 users with 20 or more hours"),
        (MANY, 30, None, "no next interests tonight"),
        (MANY, 30, "books", "no notification was ever opened"),
    ],
)
def test_what_cannot_be_said_is_told_in_a_line(
    app: App, caplog: pytest.LogCaptureFixture, n: int, visits: int, category: str | None, said: str
) -> None:
    put_inputs(app, DAY, n, visits, category)
    with caplog.at_level(logging.INFO, logger="nightjar"):
        app.run("profile_users", DAY)

    assert said in caplog.text
    assert {name for name in PROFILES if app.lake.manifest(name, DAY) is None} == set()
    if n:
        assert len(table(app, "user_stages", DAY)) == n - 1
        assert not table(app, "send_times", DAY).empty
