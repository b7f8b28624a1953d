"""MLflow: what was tried, with which numbers, and every model that was ever served.

Import `Tracking` from `jobs.adapters.tracking.tracking`. This module runs before MLflow is imported,
because MLflow reads its switches once, at import.
"""

import logging
import os

_SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # It would copy the lock file of whatever folder a stage runs in beside every model.
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
    # Waits double: 7, the default, keeps a stage waiting four minutes for a server that is down.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4",
}

for _name, _value in _SWITCHES.items():
    os.environ.setdefault(_name, _value)
for _name in ("mlflow", "alembic"):
    logging.getLogger(_name).setLevel(logging.ERROR)
