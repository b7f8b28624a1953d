import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from jobs.commands import env
from jobs.core.config import load_settings
from jobs.core.errors import ConfigError
from jobs.core.home import Home


def test_lines_survive_a_shell(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = home.parent / "it's a home"
    monkeypatch.setenv("NIGHTJAR_HOME", str(spaced))
    assert env.run(Namespace(app="sample")) == 0
    script = (
        capsys.readouterr().out + 'printf "%s\\n" "$NIGHTJAR_FEAST_REGISTRY" "$AIRFLOW_HOME" "$MLFLOW_TRACKING_URI"'
    )
    lines = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines == [
        f"{spaced}/apps/sample/online/registry.db",
        f"{spaced}/airflow",
        f"sqlite:///{spaced}/mlflow/mlflow.db",
    ]


def test_redis_takes_the_other_file() -> None:
    settings = load_settings("sample", overrides={"online.store": "redis", "online.redis": "cache:6380,db=1"})
    variables = env.environment(settings, Home(Path("/srv"), "sample"))
    assert variables["NIGHTJAR_FEAST_ONLINE"] == "cache:6380,db=1"
    assert Path(variables["FEAST_FS_YAML_FILE_PATH"]).name == "feature_store.redis.yaml"
    assert Path(variables["FEAST_FS_YAML_FILE_PATH"]).is_file()


def test_a_registry_in_a_database_takes_the_third_file() -> None:
    url = "postgresql+psycopg2://feast:word@db:5432/feast"
    settings = load_settings("sample", overrides={"online.store": "redis", "online.registry": url})
    variables = env.environment(settings, Home(Path("/srv"), "sample"))
    assert variables["NIGHTJAR_FEAST_REGISTRY"] == url
    assert Path(variables["FEAST_FS_YAML_FILE_PATH"]).name == "feature_store.production.yaml"
    assert Path(variables["FEAST_FS_YAML_FILE_PATH"]).is_file()
    with pytest.raises(ConfigError, match=r"online\.registry.*online\.store: redis"):
        load_settings("sample", overrides={"online.registry": url})


def test_two_apps_share_no_feast_path() -> None:
    apps = [env.environment(load_settings(app), Home(Path("/srv"), app)) for app in ("sample", "online_retail")]
    names = [name for name in apps[0] if name.startswith("NIGHTJAR_FEAST")]
    assert all(apps[0][name] != apps[1][name] for name in names)
