import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"

BASE = """
schedule:
  time_zone: UTC
  first_day: 2025-01-01
  start_after_minutes: 0
  deadline_minutes: 60
  task_timeout_minutes: 10
  retries: 2
  retry_delay_seconds: 1
  pool: default_pool
  owner: data-platform
"""

# Airflow puts its DAG folder on the path in the same way.
sys.path.append(str(DAGS))


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow reads its settings at the first import; none of it may come from the machine's own Airflow."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AIRFLOW", "NIGHTJAR"))]:
            patch.delenv(name)
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        yield


def write_conf(folder: Path, apps: dict[str, str]) -> Path:
    """Write a configuration folder with only schedules: app name -> its own lines."""
    (folder / "apps").mkdir(parents=True)
    (folder / "base.yaml").write_text(BASE)
    (folder / "local.yaml").write_text("{}\n")
    for app, lines in apps.items():
        (folder / "apps" / f"{app}.yaml").write_text(f"app: {app}\nschedule:\n{lines}")
    return folder
