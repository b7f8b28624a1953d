"""The sample app with its log of events alone."""

from typing import Any

from jobs.core.config import Settings, load_settings
from jobs.core.config.log import LogSettings


def one_log_app(**changed: Any) -> Settings:
    """The sample app with this one log, `changed` in some settings."""
    settings = load_settings("sample")
    log = LogSettings.model_validate({**settings.log.model_dump(), **changed})
    return settings.model_copy(update={"log": log, "logs": {}})
