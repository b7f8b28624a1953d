"""Where MLflow's store is; light, for commands that only print it."""

from jobs.core.config import Settings
from jobs.core.home import Home


def tracking_uri(settings: Settings, home: Home) -> str:
    """The configured server, else SQLite below the home."""
    return settings.tracking.uri or f"sqlite:///{home.mlflow / 'mlflow.db'}"
