"""The sections of the configuration. Units and reasons stand beside the values in conf/base.yaml."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from jobs.core.config.log import LogSettings
from jobs.core.config.section import Section

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class ScheduleSettings(Section):
    """When and how Airflow runs the app's night; flat, since the DAG file reads it without us."""

    time_zone: str
    first_day: date
    start_after_minutes: Annotated[int, Field(ge=0, lt=1440)]
    deadline_minutes: Positive
    task_timeout_minutes: Positive
    retries: Annotated[int, Field(ge=0)]
    retry_delay_seconds: Annotated[int, Field(ge=0)]
    pool: str
    owner: str

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone {value!r}; use an IANA name such as Europe/London") from error
        return value


class CalendarSettings(Section):
    """Which days have no night of their own."""

    closed_weekdays: tuple[Weekday, ...]
    closed_days: tuple[date, ...]
    open_days: tuple[date, ...]

    def is_closed(self, day: date) -> bool:
        """Whether `day` is closed; `open_days` wins over both other lists."""
        if day in self.open_days:
            return False
        return day in self.closed_days or WEEKDAYS[day.weekday()] in self.closed_weekdays


class EventSettings(Section):
    """What event types say."""

    weights: dict[str, Decimal]
    intent: tuple[str, ...]
    needs_item: tuple[str, ...]


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
