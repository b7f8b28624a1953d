"""The base of every section: closed, immutable, so that a typing error is refused and not ignored."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
