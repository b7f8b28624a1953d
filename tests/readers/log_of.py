"""A small log setting for the readers' tests."""

from jobs.core.config import load_settings
from jobs.core.config.log import LogSettings


def log_of(format: str, columns: dict[str, str]) -> LogSettings:
    """The sample's log settings with another format and mapping."""
    dumped = load_settings("sample").log.model_dump()
    return LogSettings.model_validate({**dumped, "format": format, "extension": format, "columns": columns})
