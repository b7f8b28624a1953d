"""Follows one raw row: how it is mapped, which rule refuses it, and what the lake made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.spark.lake_io import read_partitions
from jobs.core.config.log import LogSettings
from jobs.core.night import Night
from jobs.core.raw_format import NULL_MARK
from jobs.core.schemas import (
    EVENTS,
    ITEM_PROFILES,
    MAPPABLE_BY_KIND,
    QUARANTINE,
    RAW_EVENTS,
    RAW_FILES,
    USER_PROFILES,
)
from jobs.core.table import Table
from jobs.readers.text_fields import ROW_HASH
from jobs.stages.raw_rows import headers_of, read_rows
from jobs.transforms.mapping import RAW_AS_JSON, map_columns
from jobs.transforms.reasons import reason, row_rules
from jobs.transforms.typed_values import build_typed

# Of one text there may be rows of several logs, of one id several contents; more tell nothing new.
MAX_ROWS = 5


@dataclass(frozen=True)
class RawRow:
    """One different raw row, and how often it came."""

    source: str
    header: str
    raw: str
    n_copies: int


@dataclass(frozen=True)
class Fate:
    """Where a raw row ended.

    Attributes
    ----------
    row
        The row.
    kind
        Of its log: events, items or users.
    place
        clean, quarantined or duplicate; empty where clean_events of the date did not run.
    reason
        Code of the rule, or kind of the duplicate; empty for a clean row.
    sentence
        The same in words.
    mapped
        Column of the event model: text as the mapping read it.
    typed
        Column: value after reading it as its type.
    """

    row: RawRow
    kind: str
    place: str
    reason: str
    sentence: str
    mapped: Mapping[str, Any]
    typed: Mapping[str, Any]


class Day:
    """The rows of one run date in the lake.

    Parameters
    ----------
    spark
        A session.
    lake, night
        The app's tables, and the date.
    """

    def __init__(self, spark: SparkSession, lake: Lake, night: Night) -> None:
        self._spark = spark
        self._lake = lake
        self.night = night

    def table(self, table: Table) -> DataFrame | None:
        """The date's partition, None where there is none."""
        manifest = self._lake.manifest(table.name, self.night.run_date)
        return read_partitions(self._spark, self._lake, table, [manifest]) if manifest else None

    def arrived_before(self, event_id: str) -> date | None:
        """The last run date among those that a late row is compared with on which the event arrived."""
        run_date, late_days = self.night.run_date, self.night.settings.max_late_days
        days = [run_date - timedelta(number) for number in range(1, late_days + 1)]
        manifests = [found for day in days if (found := self._lake.manifest(EVENTS.name, day))]
        events = read_partitions(self._spark, self._lake, EVENTS, manifests)
        last = events.filter(F.col("event_id") == event_id).agg(F.max("run_date")).head()
        return last[0] if last else None

    @cached_property
    def raw(self) -> DataFrame:
        """Raw rows of all logs, from the kept files; `row_hash` tells different ones apart."""
        return read_rows(self._spark, self._lake, self.night.settings, *self._kept()).selectExpr("*", ROW_HASH)

    @cached_property
    def headers(self) -> list[str]:
        """The different headers."""
        return headers_of(self._spark, self._lake, self.night.settings, *self._kept())

    def _kept(self) -> tuple[list[Manifest], list[Manifest]]:
        """What the date has of `raw_files` and of `raw_events`."""
        return [self._require(RAW_FILES)], [self._require(RAW_EVENTS)]

    def _require(self, table: Table) -> Manifest:
        return self._lake.require(table.name, self.night.run_date, "ingest_events")

    def rows_of(self, texts: Iterable[str]) -> list[RawRow]:
        """Different raw rows of one of the texts."""
        return _different(self.raw.filter(F.translate("raw", NULL_MARK, "").isin(list(texts))))

    def rows_of_event(self, event_id: str) -> list[RawRow]:
        """Different raw rows that have, or would have, an event id."""
        logs = [log for log in self.night.settings.sources.values() if log.kind == "events"]
        found = (self.typed(self.raw, log).filter(F.col("event_id") == event_id) for log in logs)
        return [row for frame in found for row in _different(frame)]

    def mapped(self, rows: DataFrame, log: LogSettings) -> DataFrame:
        """Rows of one log as the mapping reads them."""
        return map_columns(rows.filter(F.col("source") == log.name), log, self.headers)

    def typed(self, rows: DataFrame, log: LogSettings) -> DataFrame:
        """Rows of one log of events with their types and marks."""
        return build_typed(self.mapped(rows, log), log, self.night.settings)

    def only(self, row: RawRow) -> DataFrame:
        """One of the copies of a row."""
        same = (F.col("source") == row.source) & (F.col("header") == row.header) & (F.col("raw") == row.raw)
        return self.raw.filter(same).limit(1)


def explain(day: Day, row: RawRow) -> Fate:
    """Follow a row."""
    log = day.night.settings.sources[row.source]
    here = day.only(row)
    mapped = day.mapped(here, log).select("is_parsed", *MAPPABLE_BY_KIND[log.kind]).head()
    texts = _filled(mapped)
    # Of a row that cannot be taken apart only the mapping's constants would be shown.
    texts = texts if texts.pop("is_parsed", False) else {}
    refused = _quarantined_as(day, here)
    if log.kind != "events":
        return Fate(row, log.kind, *_profile_fate(day, log, texts, refused), mapped=texts, typed={})
    typed = day.typed(here, log).selectExpr("*", f"{reason(day.night.settings, log)} AS reason").head()
    assert typed is not None, "the row was found before"
    values = {name: value for name, value in _filled(typed).items() if texts and name in EVENTS.column_names}
    return Fate(row, log.kind, *_event_fate(day, log, row, typed, refused), mapped=texts, typed=values)


def _event_fate(day: Day, log: LogSettings, row: RawRow, typed: Row, refused: str | None) -> tuple[str, str, str]:
    """Place, reason and the words for it."""
    today = typed["reason"]
    events = day.table(EVENTS)
    if events is None:
        rule = f"by its rules it would be quarantined as {today}" if today else "no rule over one row refuses it"
        return "", today or "", f"{_not_cleaned(day)}; {rule}"
    if refused:
        return "quarantined", refused, _why(day, log, refused, today)
    event = events.filter(F.col("event_id") == typed["event_id"]).head()
    if event is None:
        return _not_there(day, typed)
    copies = f"; {row.n_copies - 1} more of it are exact duplicates" if row.n_copies > 1 else ""
    if event["event_time"] == typed["event_time"] and _same(event, typed):
        return "clean", "", f"it is the event {event['event_id']}{copies}"
    return "duplicate", "same_id", f"another row is the event {event['event_id']}: of one id the earliest stands"


def _not_cleaned(day: Day) -> str:
    return f"clean_events of {day.night.run_date} did not run yet, or its checks stopped it"


def _not_there(day: Day, typed: Row) -> tuple[str, str, str]:
    if typed["reason"]:
        return "", typed["reason"], "the date was cleaned with other settings; run clean_events or nightjar replay"
    is_late = typed["event_day"] < day.night.run_date
    before = day.arrived_before(typed["event_id"]) if is_late else None
    if before:
        return "duplicate", "same_id", f"it came late, and its event had already arrived on {before}"
    return (
        "duplicate",
        "near",
        "an event of the same content stands within clean.near_duplicate_ms of it, under another id",
    )


def _same(event: Row, typed: Row) -> bool:
    """Whether an event came from this row: identity adds users, all else is as the row says."""
    own = {"user_id", "user_from", "session_id"}
    names = [name for name in EVENTS.column_names if name in typed.asDict() and name not in own]
    return all(event[name] == typed[name] for name in names)


def _why(day: Day, log: LogSettings, refused: str, today: str | None) -> str:
    rules = dict(row_rules(day.night.settings, log))
    told = f"rule: {rules[refused]}" if refused in rules else "a rule over more than this row"
    if today != refused and refused in rules:
        return (
            f"{told}; by today's configuration {today or 'no rule refuses it'}: run clean_events or nightjar replay"
        )
    return told


def _profile_fate(day: Day, log: LogSettings, texts: Mapping[str, Any], refused: str | None) -> tuple[str, str, str]:
    table, key = (ITEM_PROFILES, "item_id") if log.kind == "items" else (USER_PROFILES, "user_id")
    profiles = day.table(table)
    if refused:
        return "quarantined", refused, f"the row is no profile; see the rules of {table.name}"
    if profiles is None:
        return "", "", _not_cleaned(day)
    known = profiles.filter(F.col(key) == F.lit(texts.get(key))).head()
    if known is None:
        return "", "", f"{table.name} has no such {key}: it was cleaned with other settings; run clean_events"
    return "clean", "", f"{table.name} holds the profile, as it is since {known['valid_from']}"


def _quarantined_as(day: Day, here: DataFrame) -> str | None:
    """The reason under which the quarantine holds the row."""
    quarantine = day.table(QUARANTINE)
    if quarantine is None:
        return None
    shown = here.selectExpr("source", f"{RAW_AS_JSON} AS raw").head()
    assert shown is not None, "the row was found before"
    found = quarantine.filter((F.col("source") == shown["source"]) & (F.col("raw") == shown["raw"])).head()
    return str(found["reason"]) if found else None


def _different(rows: DataFrame) -> list[RawRow]:
    counted = rows.groupBy("source", "header", "raw").count().orderBy("source", "header", "raw").limit(MAX_ROWS)
    return [RawRow(row["source"], row["header"], row["raw"], row["count"]) for row in counted.collect()]


def _filled(row: Row | None) -> dict[str, Any]:
    return {name: value for name, value in (row.asDict() if row else {}).items() if value is not None}
