"""A promotion by hand: the table first, then the alias; nothing at all for a model that cannot be loaded.

Of persons who promote at the same moment nobody's row is lost.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.put import put_partition
from jobs.adapters.tracking.open import open_tracking
from jobs.adapters.tracking.tracking import CHAMPION, Tracking
from jobs.adapters.tracking.uri import tracking_uri
from jobs.core.config import load_settings
from jobs.core.errors import ModelError
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS, PREDICTION_CHALLENGERS, RECOMMENDER_CHALLENGER
from jobs.core.table import Table

DAY = date(2025, 3, 3)
MODEL, OLDER, CHURN = "popularity-2025-03-03-0f3c9a1e", "als-2025-03-02-77aa01bc", "lightgbm-2025-03-03-91d2c3b4"
REGISTERED = "sample.recommender"


def promotion(role: str, model: str) -> list[str]:
    return ["promote", "--app", "sample", "--role", role, "--date", str(DAY), "--model", model]


PROMOTE = promotion("recommender", MODEL)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store made once: its tables take seconds."""
    home = Home(tmp_path_factory.mktemp("store"), "sample")
    open_tracking(load_settings("sample"), home)
    return (home.mlflow / "mlflow.db").read_bytes()


@pytest.fixture
def app(home: Path, empty_store: bytes) -> Home:
    """An app whose lake says which models were trained up to DAY, and an MLflow store without any model."""
    app = Home(home, "sample")
    app.mlflow.mkdir(parents=True)
    (app.mlflow / "mlflow.db").write_bytes(empty_store)
    put_challenger(app, RECOMMENDER_CHALLENGER, DAY, "recommender", MODEL)
    put_challenger(app, RECOMMENDER_CHALLENGER, DAY - timedelta(1), "recommender", OLDER)
    put_challenger(app, PREDICTION_CHALLENGERS, DAY, "churn", CHURN)
    return app


def put_challenger(app: Home, table: Table, day: date, role: str, model: str) -> None:
    given = {"role": role, "model": model, "kind": "popularity", "recipe": "{}"}
    fill = {"string": "", "long": 1, "double": 1.0, "boolean": True}
    row = {column.name: given.get(column.name, fill.get(column.type)) for column in table.columns}
    put_partition(Lake(app.lake), table, day, pd.DataFrame([row]), "test")


def register(app: Home, folder: Path, role: str = "recommender", *models: str) -> MlflowClient:
    """Register models, by default MODEL, of one file each."""
    (folder / "data" / "model").mkdir(parents=True)
    (folder / "data" / "model" / "model.json").write_text("{}")
    client = MlflowClient(tracking_uri(load_settings("sample"), app))
    client.create_registered_model(f"sample.{role}")
    for model in models or (MODEL,):
        client.create_model_version(f"sample.{role}", source=str(folder), tags={"content_name": model})
    return client


def meanwhile(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], Any], when: str) -> None:
    """Let somebody else act before or after the first call of a method."""
    real, left = getattr(owner, name), iter([True])

    def call(*args: Any) -> Any:
        is_first = next(left, False)
        if is_first and when == "before":
            act()
        answer = real(*args)
        if is_first and when == "after":
            act()
        return answer

    monkeypatch.setattr(owner, name, call)


def champions(app: Home) -> dict[str, str]:
    """Who serves each role on DAY."""
    lake = Lake(app.lake)
    manifest = lake.manifest(CHAMPIONS.name, DAY)
    rows = read_pandas(lake, CHAMPIONS, manifest) if manifest else pd.DataFrame(columns=["role", "model"])
    return dict(zip(rows["role"], rows["model"], strict=True))


def test_a_model_that_is_not_registered_changes_nothing(app: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROMOTE, "--reason", "r"]) == ModelError.exit_code
    assert champions(app) == {}


def test_the_table_is_written_and_the_alias_follows_even_after_a_failure(
    app: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = register(app, tmp_path / "packaged")

    def fail(self: Tracking, role: str, content_name: str) -> None:
        raise ModelError("the server went away")

    with monkeypatch.context() as broken:
        broken.setattr(Tracking, "set_champion", fail)
        assert main([*PROMOTE, "--reason", "r"]) == ModelError.exit_code
    assert champions(app) == {"recommender": MODEL}
    assert main([*PROMOTE, "--reason", "r"]) == 0
    assert champions(app) == {"recommender": MODEL}
    assert client.get_model_version_by_alias(REGISTERED, CHAMPION).tags["content_name"] == MODEL


# What was read is old in both cases; of the second one the attempt has the lower number, too.
@pytest.mark.parametrize("when", ["before", "after"])
def test_two_persons_at_once_promote_both(
    app: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    register(app, tmp_path / "packaged")
    register(app, tmp_path / "packaged_churn", "churn", CHURN)
    other = [*promotion("churn", CHURN), "--reason", "r"]
    meanwhile(monkeypatch, Lake, "begin", lambda: main(other), when)
    assert main([*PROMOTE, "--reason", "r"]) == 0
    assert champions(app) == {"recommender": MODEL, "churn": CHURN}
    attempts = sorted((Lake(app.lake).root / CHAMPIONS.name / "data").iterdir())
    assert len(attempts) == 2, "what was not put is not kept"


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_two_persons_at_once_the_last_one_stands_and_is_told(
    app: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    register(app, tmp_path / "packaged", "recommender", MODEL, OLDER)
    other = [*promotion("recommender", OLDER), "--reason", "campaign"]
    meanwhile(monkeypatch, Lake, "begin", lambda: main(other), when)
    assert main([*PROMOTE, "--reason", "r"]) == 0
    assert champions(app) == {"recommender": MODEL}
    assert f"recommender: takes the place of {OLDER}, promoted by hand (campaign)" in caplog.text


def test_the_alias_is_where_the_table_is_whoever_moves_it_last(
    app: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = register(app, tmp_path / "packaged", "recommender", MODEL, OLDER)
    other = [*promotion("recommender", OLDER), "--reason", "r"]
    meanwhile(monkeypatch, Tracking, "set_champion", lambda: main(other), "before")
    assert main([*PROMOTE, "--reason", "r"]) == 0
    assert champions(app) == {"recommender": OLDER}
    assert client.get_model_version_by_alias(REGISTERED, CHAMPION).tags["content_name"] == OLDER
