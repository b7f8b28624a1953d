import os
import sys
from tempfile import TemporaryDirectory

import pytest
from dag_folders import DAGS

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
