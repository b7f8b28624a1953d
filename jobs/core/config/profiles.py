"""The section `profiles`: how users are described. Units and reasons stand beside the values in conf/base.yaml."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from jobs.core.config.quantities import Positive
from jobs.core.config.section import Section

StageName = Literal["new", "activating", "regular", "power", "slipping", "lost"]

STAGE_FACTS = (
    "tenure_days",
    "days_since_event",
    "days_since_intent",
    "n_events_28d",
    "n_intents_28d",
    "n_sessions_28d",
    "n_active_days",
    "n_active_days_28d",
    "n_active_days_90d",
    "n_purchases",
    "n_purchases_90d",
    "revenue_90d",
    "trend",
    "mean_gap_days",
    "gaps_since_event",
)
"""What a rule of a stage may ask: columns of `user_activity`, and the silence in usual gaps of the user."""


class SegmentSettings(Section):
    """Groups of behaviour."""

    count: Positive | None
    fewest: Annotated[int, Field(ge=2)]
    most: Annotated[int, Field(ge=2)]
    keep_margin: Annotated[float, Field(ge=0)]
    min_visits: Positive
    max_users: Positive
    restarts: Positive
    taste_prior: Annotated[float, Field(gt=0)]
    taste_parts: Annotated[int, Field(ge=0)]
    seed: int

    @model_validator(mode="after")
    def _fewest_is_least(self) -> "SegmentSettings":
        if self.fewest > self.most:
            raise ValueError(f"fewest must be at most `most`; got {self.fewest} and {self.most}")
        return self


class SendTimeSettings(Section):
    """Best hour of the week for a notification."""

    spread_hours: Annotated[float, Field(gt=0)]
    own_visits: Positive
    quiet_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...]

    @field_validator("quiet_hours")
    @classmethod
    def _leave_an_hour(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) == 24:
            raise ValueError("all hours are quiet; leave one in which a notification may be sent")
        return value


class NextInterestSettings(Section):
    """Categories that a user will touch next."""

    categories: Positive
    segment_touches: Annotated[float, Field(gt=0)]


class Bounds(Section):
    """What a number of a user must be; both bounds hold where both are given. An unknown number is within none."""

    at_least: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Bounds":
        if self.at_least is None and self.below is None:
            raise ValueError("give at_least, below or both")
        return self


class StageRule(Section):
    """One rule: all its conditions must hold."""

    stage: StageName
    when: dict[str, Bounds]

    @field_validator("when")
    @classmethod
    def _asks_what_is_known(cls, value: dict[str, Bounds]) -> dict[str, Bounds]:
        unknown = sorted(set(value) - set(STAGE_FACTS))
        if unknown:
            raise ValueError(f"a rule cannot ask {', '.join(unknown)}; it may ask {', '.join(STAGE_FACTS)}")
        return value


class ProfileSettings(Section):
    """What is said of users beside predictions."""

    min_users: Positive
    segments: SegmentSettings
    send_time: SendTimeSettings
    next_interest: NextInterestSettings
    stages: tuple[StageRule, ...]

    @field_validator("stages")
    @classmethod
    def _end_with_a_rule_for_all(cls, value: tuple[StageRule, ...]) -> tuple[StageRule, ...]:
        if not value or value[-1].when:
            raise ValueError("the last rule must hold for everybody: {stage: regular, when: {}}")
        return value
