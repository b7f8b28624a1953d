"""The files of a served model: what was fetched once is read without MLflow, which takes seconds to import."""

from pathlib import Path

from jobs.core.config import Settings
from jobs.core.home import Home


def kept_folder(models: Path, app: str, role: str, content_name: str) -> Path:
    """Where the files of a model are kept once they were fetched; a content name never gets other ones."""
    return models / f"{app}.{role}" / content_name


def served_folder(settings: Settings, home: Home, role: str, content_name: str) -> Path:
    """The folder that the model's ``save`` wrote, fetched if it is not there yet.

    Raises
    ------
    ModelError
        If it has to be fetched and is not registered, or its files are gone.
    """
    kept = kept_folder(home.models, settings.app, role, content_name)
    if kept.exists():
        return kept
    from jobs.adapters.tracking.open import open_tracking

    return open_tracking(settings, home).load_folder(role, content_name)
