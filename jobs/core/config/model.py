"""The sections of the configuration. Units and reasons stand beside the values in conf/base.yaml."""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from jobs.core.config.calendar import CalendarSettings
from jobs.core.config.learning import ChurnSettings, GateSettings, PredictionSettings, RecommenderSettings
from jobs.core.config.lists import ListSettings
from jobs.core.config.log import VISITOR, LogSettings
from jobs.core.config.meaning import CleanSettings, EventSettings, FeatureSettings
from jobs.core.config.nearest import nearest
from jobs.core.config.profiles import ProfileSettings
from jobs.core.config.quantities import Positive, Share
from jobs.core.config.section import Section
from jobs.core.config.spark import SparkSettings
from jobs.core.config.text import LogName, TimeZone


class ScheduleSettings(Section):
    """When and how Airflow runs the app's night; flat, since the DAG file reads it without us."""

    time_zone: TimeZone
    first_day: date
    start_after_minutes: Annotated[int, Field(ge=0, lt=1440)]
    deadline_minutes: Positive
    alert_after_minutes: Annotated[int, Field(ge=0)]
    alert_webhook: str
    alert_slack: str
    alert_email: str
    alert_smtp: str
    task_timeout_minutes: Positive
    retries: Annotated[int, Field(ge=0)]
    retry_delay_seconds: Annotated[int, Field(ge=0)]
    pool: str
    pool_slots: Positive
    owner: str


class ActivitySettings(Section):
    """Who counts as active and as new."""

    days: Positive
    new_days: Positive


class OnlineSettings(Section):
    """The online store."""

    store: Literal["sqlite", "redis"]
    redis: str
    registry: str | None
    engine: Literal["local", "spark"]
    keys_per_part: Positive
    ttl_days: Positive
    check_rows: Positive

    @model_validator(mode="after")
    def _engine_fits_the_store(self) -> "OnlineSettings":
        if self.engine == "spark" and self.store == "sqlite":
            raise ValueError("online.engine: spark writes into Redis only; set online.store: redis, or engine: local")
        return self

    @model_validator(mode="after")
    def _registry_fits_the_store(self) -> "OnlineSettings":
        if self.registry and self.store == "sqlite":
            raise ValueError(
                "online.registry: a registry in a database goes with online.store: redis; "
                "leave it null, or set the store"
            )
        return self


class ServeSettings(Section):
    """The HTTP server of apps."""

    stale_hours: Positive
    ready_hours: Positive


class TrackingSettings(Section):
    """MLflow."""

    uri: str | None
    artifact_root: str | None
    hash_key: str


class CheckSettings(Section):
    """Thresholds of data checks."""

    max_quarantine_share: Share
    min_rows_for_share: Positive
    min_volume_share: Share
    volume_weeks: Positive
    max_staleness_hours: Annotated[float, Field(gt=0)]
    max_unknown_items_share: Share
    driver_rows: Positive
    accept: tuple[str, ...]


class RetentionSettings(Section):
    """How long what is kept."""

    pair_state_days: Positive
    rest_merge_days: Positive
    rerun_days: Positive
    raw_days: Positive
    event_days: Positive
    state_days: Positive
    output_days: Positive
    attempt_hours: Positive
    model_days: Positive


class LoggingSettings(Section):
    """The form of log lines."""

    format: Literal["text", "json"]


class DoctorSettings(Section):
    """What `nightjar doctor` asks of a machine."""

    min_free_gib: Annotated[float, Field(ge=0)]
    min_free_memory_gib: Annotated[float, Field(ge=0)]
    ports: dict[str, Annotated[int, Field(gt=0, lt=65536)]]


class Settings(Section):
    """The whole configuration of one app."""

    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    schedule: ScheduleSettings
    calendar: CalendarSettings
    log: LogSettings
    logs: dict[LogName, LogSettings]
    events: EventSettings
    clean: CleanSettings
    activity: ActivitySettings
    features: FeatureSettings
    recommender: RecommenderSettings
    churn: ChurnSettings
    predictions: PredictionSettings
    profiles: ProfileSettings
    lists: ListSettings
    online: OnlineSettings
    serve: ServeSettings
    tracking: TrackingSettings
    checks: CheckSettings
    spark: SparkSettings
    retention: RetentionSettings
    logging: LoggingSettings
    doctor: DoctorSettings

    @property
    def zone(self) -> ZoneInfo:
        """The app's time zone."""
        return ZoneInfo(self.schedule.time_zone)

    def gate_of(self, role: str) -> GateSettings:
        """The gate of a role: of its own section, or of its part of `predictions`."""
        gates: dict[str, GateSettings] = {
            "recommender": self.recommender.gate,
            "churn": self.churn.gate,
            "conversion": self.predictions.conversion.gate,
            "value": self.predictions.value.gate,
            "return_visit": self.predictions.return_visit.gate,
        }
        return gates[role]

    @property
    def sources(self) -> dict[str, LogSettings]:
        """Every log of the app by name: `log`, unless it only says what `logs` share, then `logs`."""
        return {**({self.log.name: self.log} if self._log_is_one else {}), **self.logs}

    @property
    def _log_is_one(self) -> bool:
        return self.log.path is not None or not self.logs

    def key_of(self, source: str) -> str:
        """Where the configuration holds a log, as a message names it."""
        return f"logs.{source}" if source in self.logs else "log"

    @property
    def max_late_days(self) -> int:
        """Days by which an event of any log may be late."""
        return max(log.max_late_days for log in self.sources.values())

    @property
    def log_reading(self) -> dict[str, Any]:
        """What decides which raw rows a log gives, by log; where its files lie does not count."""
        return {name: log.reading for name, log in self.sources.items()}

    @property
    def log_meaning(self) -> dict[str, Any]:
        """What decides what raw rows mean, by log."""
        without = {"path", "format", "extension"}
        return {name: log.model_dump(mode="json", exclude=without) for name, log in self.sources.items()}

    @model_validator(mode="before")
    @classmethod
    def _logs_lie_on_log(cls, value: Any) -> Any:
        """What one of several logs does not say is as `log` says it, but for its place and a meaning of its own."""
        if not isinstance(value, dict) or not isinstance(value.get("logs"), dict):
            return value
        shared = {**(value.get("log") or {}), "path": None}
        logs = {
            name: {**(_unmapped(shared) if "columns" in own else shared), **own, "name": name}
            if isinstance(own, dict)
            else own
            for name, own in value["logs"].items()
        }
        return {**value, "logs": logs}

    @model_validator(mode="after")
    def _logs_are_mapped(self) -> "Settings":
        if self._log_is_one and self.log.name in self.logs:
            raise ValueError(f"logs.{self.log.name}: `log` has that name already; give log.name another one")
        for name, log in self.sources.items():
            where = self.key_of(name)
            if log.missing_columns:
                raise ValueError(
                    f"{where}.columns: no rule for {' and '.join(log.missing_columns)}; name the log's column, as in "
                    "`event_time: timestamp`, or a constant, as in `event_type: {constant: view}`"
                )
            if log.names_nobody:
                raise ValueError(
                    f"{where}.columns: no rule for any of {', '.join(VISITOR)}; name the log's column that says who "
                    "did it, as in `user_id: customer`"
                )
            for theirs, ours in log.event_types.items():
                if ours not in self.events.weights:
                    raise ValueError(
                        f"{where}.event_types.{theirs}: no event type {ours!r} in events.weights"
                        f"{nearest(ours, self.events.weights)}"
                    )
        return self

    @model_validator(mode="after")
    def _what_is_served_outlives_closed_days(self) -> "Settings":
        run, ttl = self.calendar.longest_closed_run(), self.online.ttl_days
        if ttl <= run:
            raise ValueError(
                f"online.ttl_days: must be longer than the calendar's longest run of closed days, {run} days, "
                f"or what is served expires within it; got {ttl}"
            )
        return self


_MEANING: dict[str, Any] = {
    "event_types": {},
    "event_id_from": (),
    "not_products": None,
    "filters": (),
    "test_traffic": {},
    "max_schema_version": None,
}


def _unmapped(log: dict[str, Any]) -> dict[str, Any]:
    """A section of a log without what its rows mean."""
    return {**log, **_MEANING}
