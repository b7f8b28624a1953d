"""The section `lists`: lengths and limits of recommendation lists."""

from typing import Annotated

from pydantic import Field, model_validator

from jobs.core.config.quantities import Positive, Share
from jobs.core.config.section import Section


class HadSettings(Section):
    """Surfaces that leave out what the user had; `discover` always does, `buy_again` never."""

    for_you: bool
    because_you: bool
    trending: bool
    new_for_you: bool

    def leaves_out(self, surface: str) -> bool:
        """Whether a surface of a user has nothing that the user had."""
        return surface == "discover" or bool(getattr(self, surface, False))


class NewItemSettings(Section):
    """Share of new items at every length of a list."""

    at_least: Share
    at_most: Share

    @model_validator(mode="after")
    def _in_order(self) -> "NewItemSettings":
        if self.at_least > self.at_most:
            raise ValueError(f"at_least must not be above at_most; got {self.at_least} and {self.at_most}")
        return self


class BecauseYouSettings(Section):
    """The rows of `because_you`, each anchored on an item that the user had."""

    anchors: Positive
    items: Positive
    min_items: Positive


class ListSettings(Section):
    """Lengths and limits of recommendation lists."""

    lake_items: Positive
    online_items: Positive
    available_days: Positive
    exclude_had: HadSettings
    blocked: tuple[str, ...]
    max_per_category: Positive | None
    new_items: NewItemSettings
    diversity: Share
    pool_items: Annotated[int, Field(ge=1, le=1000)]
    because_you: BecauseYouSettings
    fallback: tuple[str, ...]

    @model_validator(mode="after")
    def _pool_fills_a_list(self) -> "ListSettings":
        if self.pool_items < self.lake_items:
            raise ValueError(
                f"pool_items: limits must have at least lake_items, {self.lake_items}, to choose from; "
                f"got {self.pool_items}"
            )
        return self
