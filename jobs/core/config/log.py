"""The sections `log` and `logs` of an app's file: where its logs are and how their columns become ours."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_serializer, field_validator, model_validator

from jobs.core.config.nearest import nearest
from jobs.core.config.section import Section
from jobs.core.config.text import FileExtension, RegularExpression, TimeFormat, TimeZone
from jobs.core.schemas import MAPPABLE_BY_KIND

REQUIRED_BY_KIND: dict[str, tuple[str, ...]] = {
    "events": ("event_type", "event_time"),
    "items": ("item_id",),
    "users": ("user_id",),
}
"""Columns without which no row of a log of that kind says anything."""

VISITOR = ("user_id", "anonymous_id", "device_id")
"""Columns of which an event needs one: who did it."""


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
    values
        The log's value and ours; a value without a line is missing. Comes last, after `extract` or `patterns`.
    """

    column: str | None = None
    constant: str | None = None
    extract: RegularExpression | None = None
    patterns: dict[RegularExpression, str] | None = None
    values: dict[str, str] | None = None

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


class RowFilter(Section):
    """Rows of the log that are meant for this app; the others are quarantined as `filtered`.

    Attributes
    ----------
    column
        Column of the log.
    matches
        Regular expression that the column's text has to match somewhere; a missing text does not match.
    drop
        True: rows that match are the ones to leave out.
    """

    column: str
    matches: RegularExpression
    drop: bool = False


class LogSettings(Section):
    """Where a log is and what its rows mean; see conf/base.yaml for each setting's reason."""

    name: str
    kind: Literal["events", "items", "users"]
    path: str | None
    format: Literal["csv", "jsonlines", "parquet"]
    day_from: Literal["path", "event_time"]
    extension: FileExtension
    time_zone: TimeZone
    time_format: TimeFormat
    max_late_days: Annotated[int, Field(ge=0, le=30)]
    columns: dict[str, ColumnRule]
    event_types: dict[str, str]
    event_id_from: tuple[str, ...]
    not_products: RegularExpression | None
    filters: tuple[RowFilter, ...]
    test_traffic: dict[str, RegularExpression]
    max_schema_version: Annotated[int, Field(ge=0)] | None

    @field_validator("columns", "event_id_from", "test_traffic")
    @classmethod
    def _are_columns_of_the_kind(cls, value: Any, info: ValidationInfo) -> Any:
        # A kind that is wrong itself is reported by itself.
        kind = info.data.get("kind")
        known = MAPPABLE_BY_KIND[kind] if kind else value
        for name in value:
            if name not in known:
                raise ValueError(f"no column {name!r} in a log of {kind}{nearest(name, known)}")
        return value

    @model_validator(mode="after")
    def _rows_have_a_time(self) -> "LogSettings":
        if self.day_from == "event_time" and self.kind != "events":
            raise ValueError(f"day_from: a log of {self.kind} has no event time; name its files by their day: `path`")
        return self

    @property
    def missing_columns(self) -> list[str]:
        """Columns that the kind of the log needs and that no rule fills."""
        return [name for name in REQUIRED_BY_KIND[self.kind] if name not in self.columns]

    @property
    def names_nobody(self) -> bool:
        """Whether no rule says who did what the log tells: each of its events would be refused."""
        return self.kind == "events" and not set(VISITOR) & set(self.columns)

    @property
    def reading(self) -> dict[str, Any]:
        """What decides which raw rows the log gives, besides its files.

        Files of a day are kept as they came, each with the format in which it is read. What rows mean counts only
        where their time tells their day.
        """
        if self.day_from == "path":
            return self.model_dump(mode="json", include={"kind", "day_from"})
        named = {"kind", "format", "day_from", "extension", "time_zone", "time_format"}
        split: dict[str, Any] = self.model_dump(mode="json", include=named)
        return {**split, "event_time": self.columns["event_time"].model_dump(mode="json")}

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The log's columns that the mapping or a filter reads, sorted."""
        mapped = {rule.column for rule in self.columns.values() if rule.column}
        return tuple(sorted(mapped | {row_filter.column for row_filter in self.filters}))
