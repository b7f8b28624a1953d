"""The DAG on real orders: the past in one go, a night through Airflow, and what apps then read."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.features import user_activity

pytestmark = pytest.mark.real

APP = "online_retail"
FIRST = "2011-06-01"  # as if the app had begun then: enough to learn from, in half the time
NIGHT = date(2011, 11, 9)  # the back-fill ends with a night of its own, whose champions it meets

# Plain Feast, in a process that imports nothing of ours: rows of every customer, as JSON.
READ = """
import json, sys
from feast import FeatureStore
users = json.load(sys.stdin)
store = FeatureStore(repo_path=sys.argv[1])
names = ["recs_for_you:items", "recs_for_you:reasons", "recs_for_you:run_date", "churn:probability", "churn:model"]
rows = store.get_online_features(features=names, entity_rows=[{"user_id": user} for user in users]).to_dict()
assert "jobs" not in sys.modules
json.dump(rows, sys.stdout)
"""


@pytest.fixture(scope="module")
def environment(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    binaries = Path(sys.executable).parent
    env = {
        **os.environ,
        "NIGHTJAR_HOME": str(home),
        "NIGHTJAR__LOG__PATH": str(orders),
        "NIGHTJAR__SCHEDULE__FIRST_DAY": FIRST,
        "NIGHTJAR__CHURN__HORIZON_DAYS": "30",  # so that several windows lie in these months
        "NIGHTJAR__CHURN__ORDER_DAYS": "20",
        # Nights are compared, not lists: trees as in base.yaml take a third of the time of the app's own.
        "NIGHTJAR__RECOMMENDER__RANKER__OBJECTIVE": "lambdarank",
        "NIGHTJAR__RECOMMENDER__RANKER__REPEATS": "1",
        "NIGHTJAR__RECOMMENDER__RANKER__TREES_BY_ROWS": "0",
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
    }
    told = run(env, "nightjar", "env", "--app", APP).stdout
    exports = subprocess.run(
        ["bash", "-c", f"{told}\nenv -0"], env=env, capture_output=True, text=True, check=True
    ).stdout
    return dict(line.split("=", 1) for line in exports.split("\0") if "=" in line)


def run(env: dict[str, str], *command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, env=env, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[:4])} ended with {done.returncode}:\n{done.stderr[-4000:]}"
    return done


def test_past_and_a_night(environment: dict[str, str]) -> None:
    run(environment, "nightjar", "backfill", "--app", APP, "--from", FIRST, "--to", "2011-11-08")
    run(environment, "airflow", "db", "migrate")
    conf = json.dumps({"run_date": str(NIGHT)})
    run(environment, "airflow", "dags", "test", f"nightly_{APP}", str(NIGHT), "--conf", conf)

    home = Home(Path(environment["NIGHTJAR_HOME"]), APP)
    lake = Lake(home.lake)
    table = user_activity.SPEC.table
    known = read_pandas(lake, table, lake.require(table.name, NIGHT, "build_features"), ["user_id"])
    users = known["user_id"].tolist()
    answer = run(
        environment,
        sys.executable,
        "-c",
        READ,
        str(Path(environment["FEAST_FS_YAML_FILE_PATH"]).parent),
        text=json.dumps(users),
    )
    rows = json.loads(answer.stdout)

    assert len(users) > 3000
    assert set(rows["run_date"]) == {str(NIGHT)}
    # Who only sent something back in these months has no history to recommend from, and starts at the segment's list.
    lists = [items for items in rows["items"] if items is not None]
    assert len(lists) > 0.97 * len(users)
    assert {len(set(items)) for items in lists} == {len(items) for items in lists} == {20}
    assert all(0 <= probability <= 1 for probability in rows["probability"] if probability is not None)
    champions = read_pandas(lake, CHAMPIONS, lake.require("champions", NIGHT, "promote_models"), ["role"])
    assert {"recommender", "churn"} <= set(champions["role"])


def test_a_second_run_is_unchanged(environment: dict[str, str]) -> None:
    night = str(NIGHT)
    before = run(environment, "nightjar", "digest", "--app", APP, "--date", night).stdout
    conf = json.dumps({"run_date": night})
    told = run(environment, "airflow", "dags", "test", f"nightly_{APP}", night, "--conf", conf)
    assert (told.stdout + told.stderr).count(": unchanged in") >= 9
    assert run(environment, "nightjar", "digest", "--app", APP, "--date", night).stdout == before
