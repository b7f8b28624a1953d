import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.adapters.tracking.served import served_folder
from jobs.core.config import load_settings
from jobs.core.errors import ModelError
from jobs.core.home import Home

NAME = "churn-2026-01-05-0a1b2c3d"
LIGHT = f"""
import sys
from pathlib import Path
from jobs.adapters.tracking.served import served_folder
from jobs.core.config import load_settings
from jobs.core.home import Home
print(served_folder(load_settings("sample"), Home(Path(sys.argv[1]), "sample"), "churn", "{NAME}"))
assert "mlflow" not in sys.modules
"""


def test_a_model_that_was_fetched_is_read_without_mlflow(tmp_path: Path) -> None:
    kept = Home(tmp_path, "sample").models / "sample.churn" / NAME
    kept.mkdir(parents=True)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    told = subprocess.run(
        [sys.executable, "-c", LIGHT, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert (told.stdout.strip(), told.stderr) == (str(kept), "")


def test_another_model_is_asked_of_the_registry(home: Path) -> None:
    with pytest.raises(ModelError, match=NAME):
        served_folder(load_settings("sample"), Home(home, "sample"), "churn", NAME)
