"""`feast apply` by hand and by us, side by side; and Feast's own point-in-time join over the exposed files."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.expose import expose_partition
from jobs.adapters.lake.put import put_partition
from jobs.adapters.online.environment import feast_environment, repo_folder
from jobs.adapters.online.registry import apply_registry, is_applied
from jobs.core.config import Settings, load_settings
from jobs.core.home import Home
from jobs.features.online import ONLINE_VIEWS, online_columns
from jobs.features.user_activity import SPEC as USER_ACTIVITY

LIST_ALL = """
import json, sys
from feast import FeatureStore
store = FeatureStore(repo_path=sys.argv[1])
print(json.dumps({
    "views": {view.name: [field.name for field in view.features] for view in store.list_feature_views()},
    "entities": sorted(entity.name for entity in store.list_entities()),
    "services": sorted(service.name for service in store.list_feature_services()),
}))
"""
HISTORY = """
import sys
import pandas as pd
from feast import FeatureStore
store = FeatureStore(repo_path=sys.argv[1])
asked = pd.DataFrame({
    "user_id": ["a", "a", "b"],
    "event_timestamp": pd.to_datetime(["2025-03-04 12:00", "2025-03-05 12:00", "2025-03-05 12:00"], utc=True),
})
service = store.get_feature_service("user_history")
answer = store.get_historical_features(entity_df=asked, features=service).to_df()
print(answer.sort_values(["user_id", "event_timestamp"])[["user_id", "n_events", "country"]].to_json(orient="values"))
"""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings("sample")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Home:
    """A home whose registry two processes have brought up to date at once."""
    home = Home(tmp_path_factory.mktemp("home"), "sample")
    with ThreadPoolExecutor(2) as both:
        applied = list(both.map(lambda _: apply_registry(settings, home), range(2)))
    assert sorted(applied) == [False, True]
    return home


def run_python(code: str, settings: Settings, home: Home) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(repo_folder())],
        env={**os.environ, **feast_environment(settings, home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_registry_holds_every_view_with_its_online_columns(settings: Settings, home: Home) -> None:
    found = json.loads(run_python(LIST_ALL, settings, home))
    assert found["views"] == {
        name: [column.name for column in online_columns(view)] for name, view in ONLINE_VIEWS.items()
    }
    assert found["entities"] == ["context", "everybody", "item", "segment", "user"]
    assert "home_screen" in found["services"]


def test_apply_by_hand_changes_nothing(settings: Settings, home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "feast.cli.cli", "apply"],
        cwd=repo_folder(),
        env={**os.environ, **feast_environment(settings, home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Created" not in done.stdout
    assert "Updated" not in done.stdout
    assert is_applied(settings, home)


def test_other_settings_ask_for_another_apply(settings: Settings, home: Home) -> None:
    other = settings.model_copy(update={"online": settings.online.model_copy(update={"store": "redis"})})
    assert not is_applied(other, home)


def test_plain_feast_joins_history_point_in_time(settings: Settings, home: Home) -> None:
    lake = Lake(home.lake)
    for day, events in ((date(2025, 3, 3), 5), (date(2025, 3, 4), 8)):
        expose_partition(lake, _activity(lake, day, events), home.offline / USER_ACTIVITY.name)
    answer = json.loads(run_python(HISTORY, settings, home))
    assert answer == [["a", 5, "NL"], ["a", 8, "NL"], ["b", None, None]]


def test_a_missing_environment_names_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import feature_views"], cwd=repo_folder(), env=_bare(), capture_output=True, text=True
    )
    assert done.returncode
    assert 'eval "$(nightjar env --app APP)"' in done.stderr


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NIGHTJAR")}


def _activity(lake: Lake, day: date, events: int) -> Manifest:
    table = USER_ACTIVITY.table
    numbers = {column.name: events for column in USER_ACTIVITY.features if column.type in ("long", "double")}
    lists = {column.name: [events] for column in USER_ACTIVITY.features if column.type == "array<long>"}
    stamp = pd.Timestamp(day, tz="UTC").as_unit("us") + pd.Timedelta(days=1)
    row = {"user_id": "a", "event_timestamp": stamp, **numbers, **lists, "country": "NL", "platform": None}
    return put_partition(lake, table, day, pd.DataFrame([row]), "test")
