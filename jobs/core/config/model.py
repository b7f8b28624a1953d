"""The sections of the configuration. Units and reasons stand beside the values in conf/base.yaml."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from jobs.core.config.calendar import CalendarSettings
from jobs.core.config.log import LogSettings
from jobs.core.config.nearest import nearest
from jobs.core.config.section import Section
from jobs.core.config.text import LogName, TimeZone

Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class ScheduleSettings(Section):
    """When and how Airflow runs the app's night; flat, since the DAG file reads it without us."""

    time_zone: TimeZone
    first_day: date
    start_after_minutes: Annotated[int, Field(ge=0, lt=1440)]
    deadline_minutes: Positive
    task_timeout_minutes: Positive
    retries: Annotated[int, Field(ge=0)]
    retry_delay_seconds: Annotated[int, Field(ge=0)]
    pool: str
    owner: str


class EventSettings(Section):
    """What event types say; each type of `weights` is in one of the four groups."""

    weights: dict[str, Decimal]
    intent: tuple[str, ...]
    exposure: tuple[str, ...]
    negative: tuple[str, ...]
    lifecycle: tuple[str, ...]
    needs_item: tuple[str, ...]

    @field_validator("intent", "exposure", "negative", "lifecycle", "needs_item")
    @classmethod
    def _have_a_weight(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Weights that are wrong themselves are reported by themselves.
        weights = info.data.get("weights", value)
        for name in value:
            if name not in weights:
                raise ValueError(f"no event type {name!r} in events.weights{nearest(name, weights)}")
        return value

    @model_validator(mode="after")
    def _are_in_one_group(self) -> "EventSettings":
        groups = Counter((*self.intent, *self.exposure, *self.negative, *self.lifecycle))
        wrong = sorted(name for name in self.weights if groups[name] != 1)
        if wrong:
            raise ValueError(
                "each event type belongs to one of events.intent, exposure, negative and lifecycle; "
                f"not so: {', '.join(wrong)}"
            )
        return self


class BotSettings(Section):
    """Limits beyond which a visitor of one day is a script; null switches a rule off."""

    max_events: Positive | None
    max_items: Positive | None
    min_events: Annotated[int, Field(ge=3)]
    min_pause_deviation: Annotated[float, Field(ge=0)] | None


class CleanSettings(Section):
    """Limits of possible values, and rules that look at more than one row."""

    max_price: Decimal
    max_quantity: Positive
    max_dwell_ms: Positive
    session_gap_minutes: Annotated[int, Field(ge=1, lt=1440)]
    near_duplicate_ms: Annotated[int, Field(ge=0)]
    refund_days: Positive
    reject_unknown_items: bool
    bots: BotSettings


class ActivitySettings(Section):
    """Who counts as active and as new."""

    days: Positive
    new_days: Positive


class FeatureSettings(Section):
    """Half-lives, in days, lengths and limits of features."""

    user_half_life_days: Positive
    item_half_life_days: Positive
    affinity_half_life_days: Positive
    affinity_items: Positive
    affinity_categories: Positive
    pair_days: Positive
    new_item_days: Positive
    rising_trend: Annotated[float, Field(ge=1, le=4)]
    fading_trend: Annotated[float, Field(ge=0, le=1)]


class GateSettings(Section):
    """Rules by which a challenger becomes champion."""

    metric: str
    margin: Annotated[float, Field(ge=0)]
    floors: dict[str, float]


class AlsSettings(Section):
    """Parameters of implicit ALS."""

    factors: Positive
    regularization: Annotated[float, Field(gt=0)]
    iterations: Positive
    alpha: Annotated[float, Field(gt=0)]
    bm25_k1: Annotated[float, Field(gt=0)]
    bm25_b: Share


class PopularityParameters(Section):
    """Decayed popularity has no parameter of its own."""


class RecommenderSettings(Section):
    """Training and judging of the recommender role."""

    horizon_days: Positive
    k: Positive
    seed: int
    als: AlsSettings
    popularity: PopularityParameters
    gate: GateSettings

    @model_validator(mode="after")
    def _gate_is_measured(self) -> "RecommenderSettings":
        """The gate would find no metric of another length, and refuse every night."""
        wrong = sorted(name for name in (self.gate.metric, *self.gate.floors) if not name.endswith(f"_at_{self.k}"))
        if wrong:
            raise ValueError(f"gate.metric and gate.floors must be metrics at k = {self.k}, got {', '.join(wrong)}")
        return self


class LightgbmSettings(Section):
    """Parameters of a LightGBM classifier."""

    learning_rate: Annotated[float, Field(gt=0)]
    num_leaves: Annotated[int, Field(ge=2)]
    min_child_samples: Positive
    lambda_l2: Annotated[float, Field(ge=0)]
    feature_fraction: Annotated[float, Field(gt=0, le=1)]
    n_estimators: Positive
    early_stopping_rounds: Positive
    num_threads: Positive


class ChurnSettings(Section):
    """Training and judging of the churn role."""

    horizon_days: Positive
    at_risk_days: Positive | None
    cuts: Positive
    cut_step_days: Positive
    min_users: Positive
    seed: int
    lightgbm: LightgbmSettings
    gate: GateSettings


class ListSettings(Section):
    """Lengths and limits of recommendation lists."""

    lake_items: Positive
    online_items: Positive
    available_days: Positive
    exclude_seen: bool
    fallback: tuple[str, ...]


class OnlineSettings(Section):
    """The online store."""

    store: Literal["sqlite", "redis"]
    redis: str
    ttl_days: Positive
    check_rows: Positive


class TrackingSettings(Section):
    """MLflow."""

    uri: str | None
    artifact_root: str | None
    hash_key: str


class CheckSettings(Section):
    """Thresholds of data checks."""

    max_quarantine_share: Share
    min_volume_share: Share
    volume_weeks: Positive
    max_staleness_hours: Annotated[float, Field(gt=0)]
    max_unknown_items_share: Share
    driver_rows: Positive
    accept: tuple[str, ...]


class LargeSparkSettings(Section):
    """What changes for a stage with much to read."""

    rows: Positive
    driver_memory: str
    java_options: str
    shuffle_partitions: Positive


class SparkSettings(Section):
    """The Spark session."""

    master: str
    driver_memory: str
    java_options: str
    large: LargeSparkSettings
    shuffle_partitions: Positive
    extra: dict[str, str]

    def for_rows(self, rows: int) -> "SparkSettings":
        """The settings of a stage that reads so many rows."""
        if rows < self.large.rows:
            return self
        return self.model_copy(update=self.large.model_dump(exclude={"rows"}))


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
    lists: ListSettings
    online: OnlineSettings
    tracking: TrackingSettings
    checks: CheckSettings
    spark: SparkSettings
    retention: RetentionSettings

    @property
    def zone(self) -> ZoneInfo:
        """The app's time zone."""
        return ZoneInfo(self.schedule.time_zone)

    @property
    def sources(self) -> dict[str, LogSettings]:
        """Every log of the app by name: `logs`, or the one in `log` where there is no other."""
        return self.logs or {self.log.name: self.log}

    def key_of(self, source: str) -> str:
        """Where the configuration holds a log, as a message names it."""
        return f"logs.{source}" if self.logs else "log"

    @property
    def max_late_days(self) -> int:
        """Days by which an event of any log may be late."""
        return max(log.max_late_days for log in self.sources.values())

    @property
    def log_reading(self) -> dict[str, Any]:
        """What decides which raw rows a log gives, by log; where its files lie does not count."""
        keys = {"kind", "format", "day_from", "extension", "columns", "filters", "time_zone", "time_format"}
        return {name: log.model_dump(mode="json", include=keys) for name, log in self.sources.items()}

    @property
    def log_meaning(self) -> dict[str, Any]:
        """What decides what raw rows mean, by log."""
        without = {"path", "format", "extension"}
        return {name: log.model_dump(mode="json", exclude=without) for name, log in self.sources.items()}

    @model_validator(mode="before")
    @classmethod
    def _logs_lie_on_log(cls, value: Any) -> Any:
        """What one of several logs does not say is as `log` says it."""
        if not isinstance(value, dict) or not isinstance(value.get("logs"), dict):
            return value
        shared = value.get("log") or {}
        logs = {
            name: {**shared, **own, "name": name} if isinstance(own, dict) else own
            for name, own in value["logs"].items()
        }
        return {**value, "logs": logs}

    @model_validator(mode="after")
    def _logs_are_mapped(self) -> "Settings":
        for name, log in self.sources.items():
            where = self.key_of(name)
            if log.missing_columns:
                raise ValueError(
                    f"{where}.columns: no rule for {' and '.join(log.missing_columns)}; name the log's column, as in "
                    "`event_time: timestamp`, or a constant, as in `event_type: {constant: view}`"
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
