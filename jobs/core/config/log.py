"""The `log` section of an app's file: where its log is and how its columns become event columns."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from jobs.core.config.section import Section


class ColumnRule(Section):
    """How one event column is read from the log.

    In YAML a plain text is short for ``{column: text}``.

    Attributes
    ----------
    column
        Column of the log to read.
    constant
        Fixed text instead of a column.
    extract
        Regular expression whose first group is kept; no match gives null.
    patterns
        Ordered pairs of a regular expression and the value it stands for; the first match counts.
    """

    column: str | None = None
    constant: str | None = None
    extract: str | None = None
    patterns: dict[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnRule":
        if (self.column is None) == (self.constant is None):
            raise ValueError("give exactly one of `column` and `constant`")
        return self

    @field_validator("extract")
    @classmethod
    def _has_group(cls, value: str | None) -> str | None:
        if value is not None and re.compile(value).groups < 1:
            raise ValueError(f"`extract` needs a group in parentheses, got {value!r}")
        return value


class LogSettings(Section):
    """Where an app's log is and what its rows mean; see conf/base.yaml for each setting's reason."""

    name: str
    path: str | None
    format: Literal["csv", "jsonlines", "parquet"]
    day_from: Literal["path"]
    extension: str
    time_zone: str
    time_format: str
    max_late_days: Annotated[int, Field(ge=0, le=30)]
    columns: dict[str, ColumnRule]
    event_types: dict[str, str]
    not_products: str | None

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The log's columns that the mapping reads, sorted."""
        return tuple(sorted({rule.column for rule in self.columns.values() if rule.column}))
