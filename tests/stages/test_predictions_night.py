"""Training, gate and scoring of predictions: a good night, a poor one, and a first one of one class."""

import json
import logging
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_app import CLOSED, DAY, NEXT, App

from jobs.adapters.lake.arrow import empty_pandas, read_pandas
from jobs.adapters.tracking.store import open_client
from jobs.adapters.tracking.uri import tracking_uri
from jobs.adapters.tracking.versions import Versions
from jobs.core.config import load_settings
from jobs.core.night import Night
from jobs.datasets.predictions import FEATURES, all_cuts, label_days
from jobs.datasets.tables import table_named
from jobs.evaluation.comparison import Comparison
from jobs.stages import score_users
from jobs.stages.job import Job
from jobs.stages.night_facts import summarise_tables

ROLES = {"churn", "conversion", "value", "return_visit"}
STAGES = ("train_predictions", "promote_models", "score_users")
N = 150
SETTINGS = load_settings(
    "sample",
    overrides={
        "churn.horizon_days": 2,
        "churn.cut_step_days": 2,
        "churn.cuts": 1,
        "predictions.conversion.horizon_days": 2,
        "predictions.value.horizon_days": 2,
        "predictions.return_visit.days": [1, 2],
        "predictions.folds": 2,
        "predictions.n_draws": 200,
        "predictions.lightgbm.n_estimators": 5,
        "predictions.lightgbm.num_threads": 1,
    },
)


@pytest.fixture
def nights(app: App) -> App:
    """Short windows, so that a few days hold several."""
    app.settings = SETTINGS.model_copy(update={"calendar": app.settings.calendar})
    return app


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "lake"


@pytest.fixture
def night(nights: App, kept: Path) -> App:
    """An app whose first night has been; it is run once and copied from then on."""
    if kept.exists():
        shutil.copytree(kept, nights.home.lake)
        return nights
    put_first_past(nights)
    for stage in STAGES:
        nights.run(stage, DAY)
    shutil.copytree(nights.home.lake, kept)
    return nights


def put_past(app: App, day: date, *, buys: bool = True) -> None:
    """What the stages read on a day: users at all cuts and what they did after them; the silent stay away."""
    for cut in {*all_cuts(app.settings, day), day}:
        app.put("user_activity", cut, users_at(cut))
    for ago, each in enumerate(label_days(app.settings, day)):
        app.put("user_daily", each, visits_on(each, ago, buys=buys))
    app.put_status(day, {"u003": "deleted"})
    app.put("recommender_challenger", day, empty_pandas(table_named("recommender_challenger")))


def put_first_past(app: App, *, buys: bool = True) -> None:
    """The same for a first night: nobody serves yet."""
    put_past(app, DAY, buys=buys)
    app.put("champions", DAY - timedelta(1), empty_pandas(table_named("champions")))


def users_at(cut: date) -> pd.DataFrame:
    """Odd users have been away for long; u001 came for the first time and looked only."""
    end = pd.Timestamp(cut, tz="UTC").as_unit("us") + pd.Timedelta(days=1)
    users = [f"u{number:03d}" for number in range(N)]
    silence = np.where(np.arange(N) % 2, 20, 1) + np.arange(N) % 3
    counts = {one.name: 4 for one in table_named("user_activity").columns if one.type in ("long", "double")}
    rows = pd.DataFrame({"user_id": users, "event_timestamp": end}).assign(**counts)
    intent = pd.Series(silence).astype("Int64").where(np.arange(N) != 1)
    lists = {"hours": [[0] * 24] * N, "weekdays": [[0] * 7] * N, "country": "NL", "platform": None}
    return rows.assign(tenure_days=60, days_since_event=silence, days_since_intent=intent, **lists)


def visits_on(day: date, ago: int, *, buys: bool) -> pd.DataFrame:
    """Even users come on most days, a few odd ones too."""
    came = [n for n in range(N) if (n + ago) % 5 and (n % 2 == 0 or (n + ago) % 7 == 0)]
    rows = pd.DataFrame({"user_id": [f"u{n:03d}" for n in came], "event_day": day})
    sums = dict.fromkeys(("wanted", "wanted_log_price", "wanted_log_price_squared"), Decimal("0.0000"))
    return rows.assign(
        n_events=3, n_intents=1, n_purchases=int(buys), n_goals=0, n_goodbyes=0, n_sessions=1,
        revenue=[Decimal(f"{10 + n % 9 if buys else 0}.0000") for n in came], **sums, hours=[[0] * 24] * len(came),
        country="NL", platform=None, last_event_time=pd.Timestamp(day, tz="UTC").as_unit("us"),
    )[list(table_named("user_daily").column_names)]  # fmt: skip


def table(app: App, name: str, day: date) -> pd.DataFrame:
    manifest = app.lake.manifest(name, day)
    assert manifest is not None
    return read_pandas(app.lake, table_named(name), manifest)


def test_a_night_trains_judges_and_says_all_of_every_active_user(
    night: App, caplog: pytest.LogCaptureFixture
) -> None:
    found = table(night, "prediction_challengers", DAY).set_index("role")
    assert set(found.index) == ROLES
    assert json.loads(found.loc["churn", "metrics"])["auc"] > 0.7
    champions = table(night, "champions", DAY).set_index("role")["model"]
    assert champions.to_dict() == found["model"].to_dict()

    told = table(night, "predictions", DAY)
    assert set(told["prediction"]) == ROLES
    assert (told.groupby("prediction")["user_id"].nunique() == N - 1).all()
    assert "u003" not in set(told["user_id"])
    assert set(told["model"]) == set(champions)
    known = told[~told["is_prior"]]
    assert {len(reasons) for reasons in known["reasons"]} == {3}
    assert set(told[told["is_prior"]]["user_id"]) == {"u001"}
    rates = told[told["prediction"] == "churn"].set_index("user_id")["probability"]
    assert rates["u005"] > rates["u004"]
    value = told[told["prediction"] == "value"]
    own, prior = value[~value["is_prior"]], value[value["is_prior"]]
    assert (own["low"] <= own["expected"]).all()
    assert (own["expected"] <= own["high"]).all()
    assert prior["expected"].notna().all()
    assert prior[["low", "high"]].isna().all(axis=None), "nobody knows an interval of a segment's mean"

    assert set(found["paired"]) == {""}, "nobody served the day before"

    # The next open night knows nobody at any cut: champions stay, and score who is there.
    for name in ("champions", "user_activity"):
        night.put(name, CLOSED, table(night, name, DAY))
    put_past(night, NEXT)
    for cut in all_cuts(night.settings, NEXT):
        night.put("user_activity", cut, users_at(cut).head(0))
    caplog.clear()
    for stage in STAGES:
        night.run(stage, NEXT)
    said = [record.getMessage() for record in caplog.records if "no model is trained tonight" in record.getMessage()]
    assert [message.partition(":")[0] for message in said] == ["churn", "conversion", "value", "return_visit"]
    assert set(table(night, "champions", NEXT)["model"]) == set(champions)
    assert len(table(night, "predictions", NEXT)) == len(told)

    # Users are asked about in parts: each the same, however many there are.
    predictions = night.settings.predictions.model_copy(update={"users_per_part": 7})
    night.settings = night.settings.model_copy(update={"predictions": predictions})
    night.run("score_users", DAY)
    pd.testing.assert_frame_equal(table(night, "predictions", DAY), told)

    # Odd users have been away for longer than this: nobody learned from such as they are.
    churn = night.settings.churn.model_copy(update={"at_risk_days": 10})
    night.settings = night.settings.model_copy(update={"churn": churn})
    night.run("score_users", DAY)
    scored = set(table(night, "predictions", DAY)["user_id"])
    assert scored == {user for user in told["user_id"] if int(user[1:]) % 2 == 0}


def test_where_nobody_ever_buys_the_base_rate_is_served_and_the_others_are_models(
    nights: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="nightjar")
    put_first_past(nights, buys=False)
    for stage in STAGES:
        nights.run(stage, DAY)

    champions = table(nights, "champions", DAY).set_index("role")["kind"].to_dict()
    assert (champions["conversion"], champions["value"]) == ("conversion_prior", "value_prior")
    assert not champions["churn"].endswith("_prior")
    told = table(nights, "predictions", DAY).set_index("prediction")
    assert told.loc["conversion", "is_prior"].all()
    assert (told.loc["conversion", "probability"] == 0).all()
    assert (told.loc["value", "expected"] == 0).all()
    warned = [record.getMessage() for record in caplog.records if "no model is trained" in record.getMessage()]
    assert [message.partition(":")[0] for message in warned] == ["conversion", "value"]
    assert all("\n" not in message for message in warned)


def test_a_second_night_is_compared_user_by_user(night: App) -> None:
    night.put("champions", CLOSED, table(night, "champions", DAY))
    put_past(night, NEXT)
    changed = night.settings.predictions.model_copy(update={"ridge": 1.0})
    night.settings = night.settings.model_copy(update={"predictions": changed})
    for stage in STAGES[:2]:
        night.run(stage, NEXT)

    found = table(night, "prediction_challengers", NEXT).set_index("role")
    pair = Comparison.from_json(found.loc["churn", "paired"], "auc")
    assert pair is not None
    assert pair.n_users == N - 1
    assert "country.NL" in pair.groups
    numbers = json.loads(table(night, "champions", NEXT).set_index("role").loc["churn", "numbers"])
    assert {"relative_low", "country.NL.relative_low"} <= set(numbers)


def test_a_first_challenger_that_is_refused_leaves_nobody_and_is_told_everywhere(
    night: App, caplog: pytest.LogCaptureFixture
) -> None:
    gate = night.settings.churn.gate.model_copy(update={"floors": {"auc": 1.0}})
    churn = night.settings.churn.model_copy(update={"gate": gate})
    night.settings = night.settings.model_copy(update={"churn": churn})
    challenger = table(night, "prediction_challengers", DAY).set_index("role").loc["churn", "model"]
    caplog.clear()
    night.run("promote_models", DAY)

    assert set(table(night, "champions", DAY)["role"]) == ROLES - {"churn"}
    (said,) = [record for record in caplog.records if record.getMessage().startswith("churn: ")]
    assert said.levelno == logging.WARNING
    assert f"refused {challenger}, and there is no champion (auc is " in said.getMessage()
    client = open_client(tracking_uri(night.settings, night.home), night.settings.tracking.artifact_root)
    version = Versions(client, "sample", "churn").get(challenger)
    assert (version.tags["gate"], version.tags["gate_reason"][:7]) == ("refused", "auc is ")
    summary = summarise_tables(night.lake, night.home, Night(night.settings, DAY, DAY), serving=None)
    decided = {row["role"]: (row["model"], row["challenger"], row["decision"]) for row in summary["champions"]}
    assert set(decided) == ROLES
    assert decided["churn"] == ("", challenger, "refused")


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("likes", "which is no event type; the nearest valid name is 'like'"),
        ("subscribe", "no event of the goal 'subscribe'"),
    ],
)
def test_a_goal_that_nobody_can_reach_says_so_in_one_line_and_the_champion_stays(
    night: App, caplog: pytest.LogCaptureFixture, goal: str, said: str
) -> None:
    before = table(night, "champions", DAY).set_index("role")["model"]
    night.put("champions", CLOSED, table(night, "champions", DAY))
    put_past(night, NEXT)
    own = night.settings.predictions
    conversion = own.conversion.model_copy(update={"goal": goal})
    changed = own.model_copy(update={"conversion": conversion})
    night.settings = night.settings.model_copy(update={"predictions": changed})
    caplog.clear()
    for stage in STAGES[:2]:
        night.run(stage, NEXT)

    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    lines = [message for message in warned if message.startswith("conversion: no model is trained tonight")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "\n" not in lines[0]
    after = table(night, "champions", NEXT).set_index("role")["model"]
    assert after["conversion"] == before["conversion"]
    assert after["churn"] != before["churn"]


def put_new_feature(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From now on the view has one number more."""
    monkeypatch.setattr(score_users, "FEATURES", (*FEATURES, name))
    read = Job.read_pandas
    monkeypatch.setattr(
        Job, "read_pandas", lambda self, asked, *day, **which: read(self, asked, *day, **which).assign(**{name: 1.0})
    )


def test_a_feature_that_training_never_saw_is_told_and_the_champion_is_asked_without_it(
    night: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = table(night, "predictions", DAY)
    put_new_feature(monkeypatch, "brand_new")
    night.run(STAGES[2], DAY)

    pd.testing.assert_frame_equal(table(night, "predictions", DAY), before)
    assert not before["is_prior"].all()
    said = [record.getMessage() for record in caplog.records if "brand_new" in record.getMessage()]
    assert [message.partition(":")[0] for message in said] == ["churn", "conversion", "value", "return_visit"]
    assert all("is asked without them" in message and "\n" not in message for message in said)


def test_without_a_feature_of_training_the_base_rate_is_served_and_says_so(
    night: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_users, "FEATURES", tuple(name for name in FEATURES if name != "trend"))
    night.run(STAGES[2], DAY)

    told = table(night, "predictions", DAY)
    assert len(told) == len(ROLES) * (len(table(night, "user_activity", DAY)) - 1)
    assert told["is_prior"].all()
    said = [record.getMessage() for record in caplog.records if "the base rate is served" in record.getMessage()]
    assert len(said) == len(ROLES)
    assert all("trend" in message and "\n" not in message for message in said)


def test_where_nobody_is_at_risk_any_more_nobody_is_predicted_of(night: App) -> None:
    night.put("user_activity", DAY, users_at(DAY).assign(days_since_event=300))
    night.run(STAGES[2], DAY)
    assert table(night, "predictions", DAY).empty
