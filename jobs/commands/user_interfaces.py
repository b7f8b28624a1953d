"""Prints the commands that open what a night left behind: Airflow, MLflow and the report."""

import shlex
import sys
from pathlib import Path

from rich.console import Console

from jobs.commands.env import environment
from jobs.core.config import Settings
from jobs.core.home import Home


def print_commands(console: Console, settings: Settings, home: Home, page: Path) -> None:
    """One command a line, never wrapped, so that it can be copied."""
    console.print("\nTo look further", style="bold")
    for line in commands(settings, home, page):
        console.print(line, soft_wrap=True)


def commands(settings: Settings, home: Home, page: Path) -> list[str]:
    """Shell lines with comments; `page` is named only where the report was written."""
    prefix = shlex.quote(str(Path(sys.executable).parent))
    lines = [
        f"export PATH={prefix}:$PATH NIGHTJAR_HOME={shlex.quote(str(home.root))}",
        f'eval "$(nightjar env --app {settings.app})"',
        "airflow standalone    # Airflow: http://localhost:8080",
        _mlflow(settings, home),
    ]
    return [*lines, f"# the report: {page}"] if page.is_file() else lines


def _mlflow(settings: Settings, home: Home) -> str:
    uri = environment(settings, home)["MLFLOW_TRACKING_URI"]
    if not uri.startswith("sqlite:"):
        return f"# MLflow: {uri}"
    # Its job runner needs a broker of its own and is used by nothing here.
    ui = f"MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false mlflow ui --workers 1 --backend-store-uri {shlex.quote(uri)}"
    return f"{ui}    # MLflow: http://localhost:5000"
