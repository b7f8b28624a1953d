"""What is wrong with a configuration, a line for each key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from jobs.core.config.model import Settings
from jobs.core.config.nearest import nearest
from jobs.core.config.shape import as_written, fields_of, type_at


def explain(error: ValidationError, app_file: Path) -> str:
    """The message for an operator: app, folder, and each key with what was got and what is valid."""
    head = f"the configuration of {app_file.stem!r} is wrong ({app_file.parent.parent}/*.yaml):"
    return "\n".join([head, *(f"  {_line(problem)}" for problem in error.errors())])


def _line(problem: Mapping[str, Any]) -> str:
    location = problem["loc"]
    # What concerns several sections has no place of its own, and names its keys itself.
    key = f"{'.'.join(map(str, as_written(Settings, location)))}: " if location else ""
    if problem["type"] == "extra_forbidden":
        valid = fields_of(type_at(Settings, location[:-1]))
        return f"{key}unknown key{nearest(location[-1], valid)}"
    if problem["type"] == "value_error":
        return f"{key}{problem['ctx']['error']}"
    return f"{key}{problem['msg']}, got {problem.get('input')!r}"
