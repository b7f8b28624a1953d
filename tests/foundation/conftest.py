"""Apps that meet dirt, each in folders of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dirty_app import DirtyApp


@pytest.fixture
def dirty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object) -> Callable[..., DirtyApp]:
    """Makes the app; one a test."""

    def make(sections: dict[str, Any] | None = None, **log: Any) -> DirtyApp:
        monkeypatch.setenv("NIGHTJAR_CONF", str(tmp_path / "conf"))
        monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "home"))
        return DirtyApp(tmp_path, sections, **log)

    return make
