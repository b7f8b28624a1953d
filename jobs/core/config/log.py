"""The `log` section of an app's file: where its log is and how its columns become event columns."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_serializer, field_validator, model_validator

from jobs.core.config.nearest import nearest
from jobs.core.config.section import Section
from jobs.core.config.text import FileExtension, RegularExpression, TimeFormat, TimeZone
from jobs.core.schemas import MAPPABLE

# Without them no row is an event.
_REQUIRED = ("event_type", "event_time")


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
    extract: RegularExpression | None = None
    patterns: dict[RegularExpression, str] | None = None

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

    @field_serializer("patterns", when_used="json")
    def _in_order(self, value: dict[str, str] | None) -> list[tuple[str, str]] | None:
        """Pairs, since the order counts and that of a JSON object's keys does not."""
        return None if value is None else list(value.items())


class LogSettings(Section):
    """Where an app's log is and what its rows mean; see conf/base.yaml for each setting's reason."""

    name: str
    path: str | None
    format: Literal["csv", "jsonlines", "parquet"]
    day_from: Literal["path"]
    extension: FileExtension
    time_zone: TimeZone
    time_format: TimeFormat
    max_late_days: Annotated[int, Field(ge=0, le=30)]
    columns: dict[str, ColumnRule]
    event_types: dict[str, str]
    not_products: RegularExpression | None

    @field_validator("columns")
    @classmethod
    def _are_event_columns(cls, value: dict[str, ColumnRule]) -> dict[str, ColumnRule]:
        for name in value:
            if name not in MAPPABLE:
                raise ValueError(f"no event column {name!r}{nearest(name, MAPPABLE)}")
        missing = [name for name in _REQUIRED if name not in value]
        if missing:
            raise ValueError(
                f"no rule for {' and '.join(missing)}; name the log's column, as in `event_time: timestamp`, "
                "or a constant, as in `event_type: {constant: view}`"
            )
        return value

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The log's columns that the mapping reads, sorted."""
        return tuple(sorted({rule.column for rule in self.columns.values() if rule.column}))
