import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from dag_folders import DAGS, write_conf

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

# Airflow reads its settings when a test module imports it, which is before any fixture; nothing of it may
# come from the machine's own Airflow, or go there.
AIRFLOW_HOME = TemporaryDirectory(prefix="airflow")
os.environ["AIRFLOW_HOME"] = AIRFLOW_HOME.name
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

# Airflow puts its DAG folder on the path in the same way.
sys.path.append(str(DAGS))


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """DAG files look at variables that a developer may have set."""
    for name in [name for name in os.environ if name.startswith("NIGHTJAR")]:
        monkeypatch.delenv(name)


@pytest.fixture
def schedules() -> dict[str, str]:
    """App -> lines of its schedule, for `conf`; a module may have its own."""
    return {"shop": "  time_zone: Asia/Tokyo\n"}


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schedules: dict[str, str]) -> Path:
    """The configuration folder that DAG files find."""
    conf = write_conf(tmp_path / "conf", schedules)
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    return conf


@pytest.fixture
def bag(conf: Path) -> "DagBag":
    """What Airflow reads from the DAG files under `conf`."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS))
