"""Opens MLflow as the configuration says."""

import os
import subprocess
from pathlib import Path

from jobs.adapters.tracking.tracking import Tracking
from jobs.adapters.tracking.uri import tracking_uri
from jobs.core.config import Settings
from jobs.core.home import Home


def open_tracking(settings: Settings, home: Home) -> Tracking:
    """MLflow for one app."""
    return Tracking(tracking_uri(settings, home), settings.app, home.models, settings.tracking.artifact_root)


def code_commit() -> str:
    """Commit of this code: ``NIGHTJAR_COMMIT`` where an image sets it, else git's, with ``-dirty`` after edits.

    Empty where neither knows.
    """
    given = os.environ.get("NIGHTJAR_COMMIT")
    if given:
        return given
    folder = str(Path(__file__).parent)
    command = ["git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return answer.stdout.strip()
