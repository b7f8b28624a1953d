"""What the checks of docker/ read: the compose file, and the Dockerfile as its instructions."""

from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """The compose file with its anchors merged; variables stay as written."""
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services by name."""
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="session")
def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions (keyword, rest of the line) of each stage of the Dockerfile, by the stage's name."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        keyword, rest = line.split(maxsplit=1)
        if keyword == "FROM":
            stage = found.setdefault(rest.split()[-1], [])
        stage.append((keyword, rest))
    return found
