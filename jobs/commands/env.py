"""`nightjar env`: the environment in which feast, mlflow and airflow work on an app by hand."""

import argparse
import shlex
import sys
from pathlib import Path

from jobs.adapters.online.environment import feast_environment
from jobs.adapters.tracking.uri import tracking_uri
from jobs.commands.arguments import add_app, settings_of
from jobs.core.config.load import conf_folder, home_folder, project_folder
from jobs.core.config.model import Settings
from jobs.core.home import Home

EXAMPLES = """examples:
  eval "$(nightjar env --app sample)"
  cd feature_repo && feast feature-views list
  mlflow ui --backend-store-uri "$MLFLOW_TRACKING_URI"
  airflow dags list
  airflow pools set "$NIGHTJAR_POOL" "$NIGHTJAR_POOL_SLOTS" "Stages at a time"     once for each Airflow

What it prints may hold passwords, where addresses of the configuration do.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app."""
    add_app(parser)


def run(args: argparse.Namespace) -> int:
    """Print one `export` a line, for a shell's `eval`."""
    settings = settings_of(args)
    for name, value in environment(settings, Home(home_folder(), settings.app)).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def environment(settings: Settings, home: Home) -> dict[str, str]:
    """Variables by name; values are not yet quoted for a shell."""
    return {
        **_nightjar(home),
        **feast_environment(settings, home),
        "MLFLOW_TRACKING_URI": tracking_uri(settings, home),
        **_airflow(home.root),
        "NIGHTJAR_POOL": settings.schedule.pool,
        "NIGHTJAR_POOL_SLOTS": str(settings.schedule.pool_slots),
    }


def _nightjar(home: Home) -> dict[str, str]:
    return {"NIGHTJAR_HOME": str(home.root), "NIGHTJAR_CONF": str(conf_folder())}


def _airflow(root: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(root / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project_folder() / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # As ours; Airflow's own defaults let everybody write its logs' folders.
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o750",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o640",
        # One person at a terminal; a deployment sets its own users (docker/compose.yaml).
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
