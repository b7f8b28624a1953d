"""The sections of the configuration. Units and reasons stand beside the values in conf/base.yaml."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from jobs.core.config.calendar import CalendarSettings
from jobs.core.config.log import LogSettings
from jobs.core.config.nearest import nearest
from jobs.core.config.section import Section
from jobs.core.config.text import TimeZone

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
    """What event types say."""

    weights: dict[str, Decimal]
    intent: tuple[str, ...]
    needs_item: tuple[str, ...]

    @field_validator("intent", "needs_item")
    @classmethod
    def _have_a_weight(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Weights that are wrong themselves are reported by themselves.
        weights = info.data.get("weights", value)
        for name in value:
            if name not in weights:
                raise ValueError(f"no event type {name!r} in events.weights{nearest(name, weights)}")
        return value


class CleanSettings(Section):
    """Limits of possible values."""

    max_price: Decimal
    max_quantity: Positive
    session_gap_minutes: Positive


class ActivitySettings(Section):
    """Who counts as active and as new."""

    days: Positive
    new_days: Positive


class FeatureSettings(Section):
    """Half-lives, in days, and lengths of features."""

    user_half_life_days: Positive
    item_half_life_days: Positive
    affinity_half_life_days: Positive
    affinity_items: Positive


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
    driver_rows: Positive
    accept: tuple[str, ...]


class SparkSettings(Section):
    """The Spark session."""

    master: str
    driver_memory: str
    java_options: str
    shuffle_partitions: Positive
    extra: dict[str, str]


class RetentionSettings(Section):
    """How many days of bulky tables are kept."""

    pair_state_days: Positive


class Settings(Section):
    """The whole configuration of one app."""

    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    schedule: ScheduleSettings
    calendar: CalendarSettings
    log: LogSettings
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

    @model_validator(mode="after")
    def _event_types_have_a_weight(self) -> "Settings":
        weights = self.events.weights
        for theirs, ours in self.log.event_types.items():
            if ours not in weights:
                raise ValueError(
                    f"log.event_types.{theirs}: no event type {ours!r} in events.weights{nearest(ours, weights)}"
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
