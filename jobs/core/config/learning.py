"""The sections `recommender`, `churn` and `predictions`: how models are trained and judged."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from jobs.core.config.actions import Actions
from jobs.core.config.quantities import Positive
from jobs.core.config.ranker import RankerSettings
from jobs.core.config.section import Section
from jobs.core.config.sources import ConfiguredSource, SourcesSettings, configured_sources


class GateSettings(Section):
    """Rules by which a challenger becomes champion."""

    metric: str
    margin: Annotated[float, Field(ge=0)]
    floors: dict[str, float]
    group_margin: Annotated[float, Field(ge=0)]


class ListGateSettings(GateSettings):
    """The same of lists, with their own draws; those of predictions are drawn as `predictions` says."""

    ceilings: dict[str, float]
    min_distinct_scores: Positive
    group_floors: dict[str, float]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    n_draws: Annotated[int, Field(ge=200)]


class RecommenderSettings(Section):
    """Training and judging of the recommender role."""

    goal: Literal["purchases", "wants"]
    history_days: Positive
    horizon_days: Positive
    k: Positive
    seed: int
    engine: Literal["local", "spark"]
    max_users: Annotated[int, Field(ge=1_000)]
    judged_users: Annotated[int, Field(ge=1_000)]
    users_per_part: Positive
    sources: SourcesSettings
    ranker: RankerSettings
    gate: ListGateSettings

    def configured_sources(self) -> list[ConfiguredSource]:
        """The candidate sources that are switched on, by name, with what they take over from this section."""
        return configured_sources(self.sources, self.seed, self.horizon_days, self.engine)

    @model_validator(mode="after")
    def _gate_is_measured(self) -> "RecommenderSettings":
        """The gate would find no metric of another length, and refuse every night."""
        asked = (self.gate.metric, *self.gate.floors, *self.gate.ceilings)
        wrong = sorted(name for name in asked if not name.endswith(f"_at_{self.k}"))
        if wrong:
            raise ValueError(
                f"gate.metric, gate.floors and gate.ceilings must be metrics at k = {self.k}, got {', '.join(wrong)}"
            )
        return self


class LightgbmSettings(Section):
    """Parameters of LightGBM, by its own names."""

    learning_rate: Annotated[float, Field(gt=0)]
    num_leaves: Annotated[int, Field(ge=2)]
    min_data_in_leaf: Positive
    lambda_l2: Annotated[float, Field(ge=0)]
    feature_fraction: Annotated[float, Field(gt=0, le=1)]
    bagging_fraction: Annotated[float, Field(gt=0, le=1)]
    n_estimators: Positive
    num_threads: Positive


class ChurnSettings(Section):
    """Whom predictions are of, their windows, and the gate of churn."""

    horizon_days: Positive
    at_risk_days: Positive | None
    order_days: Positive | None
    cuts: Positive
    cut_step_days: Positive
    min_users: Positive
    seed: int
    gate: GateSettings

    @model_validator(mode="after")
    def _order_is_shorter(self) -> "ChurnSettings":
        if self.order_days is not None and self.order_days >= self.horizon_days:
            raise ValueError(
                f"order_days must be shorter than horizon_days, or null; got {self.order_days} of {self.horizon_days}"
            )
        return self


class ConversionSettings(Section):
    """Reaching the goal."""

    horizon_days: Positive
    goal: str
    gate: GateSettings


class ValueSettings(Section):
    """Expected revenue."""

    horizon_days: Positive
    coverage: Annotated[float, Field(gt=0, lt=1)]
    gate: GateSettings


class ReturnVisitSettings(Section):
    """When a user comes back."""

    days: Annotated[tuple[Positive, ...], Field(min_length=2)]
    gate: GateSettings

    @field_validator("days")
    @classmethod
    def _ascend(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError(f"must ascend, each number of days once; got {list(value)}")
        return value


class PredictionSettings(Section):
    """What all predictions share, and the settings of each but churn."""

    engine: Literal["local", "spark"]
    users_per_part: Positive
    folds: Annotated[int, Field(ge=2)]
    max_users: Annotated[int, Field(ge=1_000)]
    max_rows: Annotated[int, Field(ge=1_000)]
    ridge: Annotated[float, Field(gt=0)]
    budget_share: Annotated[float, Field(gt=0, le=1)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    n_draws: Annotated[int, Field(ge=200)]
    lightgbm: LightgbmSettings
    conversion: ConversionSettings
    value: ValueSettings
    return_visit: ReturnVisitSettings
    actions: Actions = ()
