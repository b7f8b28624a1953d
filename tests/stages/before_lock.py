"""Lets somebody stand still before the lock of publishes."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from jobs.adapters.online import publishing
from jobs.core.home import Home


def before_lock(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Whoever asks for the lock next gets it when something has happened, which may take the lock itself."""
    lock = publishing.publish_lock

    def late(home: Home) -> AbstractContextManager[None]:
        monkeypatch.setattr(publishing, "publish_lock", lock)
        meanwhile()
        return lock(home)

    monkeypatch.setattr(publishing, "publish_lock", late)
