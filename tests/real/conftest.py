"""Where the real orders are, and how the nights of the two test folders are run."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def orders() -> Path:
    """Folder of Online Retail's files, one a day, named by the environment."""
    folder = Path(os.environ.get("NIGHTJAR_ONLINE_RETAIL") or "absent").resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data: NIGHTJAR_ONLINE_RETAIL names {folder}, which is no folder")
    return folder
