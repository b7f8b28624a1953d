"""A small log setting for the readers' tests, and raw rows as people read them."""

import json
from typing import Any

from pyspark.sql import DataFrame

from jobs.core.config import Settings, load_settings
from jobs.core.config.log import LogSettings
from jobs.core.raw_format import FIELD_SEPARATOR, NULL_MARK


def log_of(format: str, columns: dict[str, Any], **changed: Any) -> LogSettings:
    """The sample's log settings with another format and mapping."""
    dumped = load_settings("sample").log.model_dump()
    own = {"format": format, "extension": format, "columns": columns, "event_types": {}}
    return LogSettings.model_validate({**dumped, **own, **changed})


def app_of(**logs: LogSettings) -> Settings:
    """The sample app with these logs."""
    named = {name: log.model_copy(update={"name": name}) for name, log in logs.items()}
    settings = load_settings("sample")
    return settings.model_copy(update={"log": settings.log.model_copy(update={"path": None}), "logs": named})


def rows_of(*parts: DataFrame) -> list[tuple[str, Any]]:
    """File and content of each row, sorted: the fields by name, or the text of a row without a header."""
    rows = [row for part in parts for row in part.collect()]
    found = [(row["source_file"].rpartition("/")[2], _content(row["header"], row["raw"])) for row in rows]
    return sorted(found, key=str)


def _content(header: str, raw: str) -> Any:
    if not header:
        return raw
    fields = [None if text == NULL_MARK else text for text in raw.split(FIELD_SEPARATOR)]
    return dict(zip(json.loads(header), fields, strict=True))
