"""The sections `events`, `clean` and `features`: what events say, which are possible, what is made of them."""

from collections import Counter
from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from jobs.core.config.nearest import nearest
from jobs.core.config.quantities import Positive
from jobs.core.config.section import Section


class FunnelSettings(Section):
    """Event types that are the steps from seeing an item to buying it; an empty step is not in the log."""

    shown: tuple[str, ...]
    opened: tuple[str, ...]
    wanted: tuple[str, ...]


class EventSettings(Section):
    """What event types say; each type of `weights` is in one of the four groups."""

    weights: dict[str, Decimal]
    intent: tuple[str, ...]
    exposure: tuple[str, ...]
    negative: tuple[str, ...]
    lifecycle: tuple[str, ...]
    goodbyes: tuple[str, ...]
    needs_item: tuple[str, ...]
    funnel: FunnelSettings

    @field_validator("intent", "exposure", "negative", "lifecycle", "goodbyes", "needs_item")
    @classmethod
    def _have_a_weight(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Weights that are wrong themselves are reported by themselves.
        weights = info.data.get("weights", value)
        for name in value:
            if name not in weights:
                raise ValueError(f"no event type {name!r} in events.weights{nearest(name, weights)}")
        return value

    @field_validator("funnel")
    @classmethod
    def _steps_have_a_weight(cls, value: FunnelSettings, info: ValidationInfo) -> FunnelSettings:
        cls._have_a_weight((*value.shown, *value.opened, *value.wanted), info)
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
