"""A promotion by hand: the table first, then the alias; nothing at all for a model that cannot be loaded."""

from datetime import date
from pathlib import Path

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
from jobs.core.model_schemas import CHAMPIONS, RECOMMENDER_CHALLENGER

DAY = date(2025, 3, 3)
MODEL = "popularity-2025-03-03-0f3c9a1e"
REGISTERED = "sample.recommender"
PROMOTE = ["promote", "--app", "sample", "--role", "recommender", "--date", str(DAY), "--model", MODEL]


@pytest.fixture
def app(home: Path) -> Home:
    """An app whose lake says that MODEL was trained on DAY, and an MLflow store without any model."""
    app = Home(home, "sample")
    lake = Lake(app.lake)
    given = {"role": "recommender", "model": MODEL, "kind": "popularity", "recipe": "{}"}
    fill = {"string": "", "long": 1, "double": 1.0, "boolean": True}
    row = {column.name: given.get(column.name, fill.get(column.type)) for column in RECOMMENDER_CHALLENGER.columns}
    put_partition(lake, RECOMMENDER_CHALLENGER, DAY, pd.DataFrame([row]), "test")
    return app


def register(app: Home, folder: Path) -> MlflowClient:
    """Register MODEL, of one file."""
    settings = load_settings("sample")
    open_tracking(settings, app)
    (folder / "data" / "model").mkdir(parents=True)
    (folder / "data" / "model" / "model.json").write_text("{}")
    client = MlflowClient(tracking_uri(settings, app))
    client.create_registered_model(REGISTERED)
    client.create_model_version(REGISTERED, source=str(folder), tags={"content_name": MODEL})
    return client


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
