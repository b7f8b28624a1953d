"""Numbers of the configuration with their limits."""

from typing import Annotated

from pydantic import Field

Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
