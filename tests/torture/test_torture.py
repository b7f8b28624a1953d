"""The short form of the torture; the full one is `make torture-serving`."""

from pathlib import Path

import pytest

from tests.torture.reader import KINDS
from tests.torture.torture import WRONG, Plan, torture


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_readers_never_fail_nor_step_back_and_the_end_is_the_same(store: str, tmp_path: Path) -> None:
    found = torture(Plan(store, publishes=5, kills=2, readers=3, users=300), tmp_path / "torture")
    assert {name: found[name] for name in WRONG if found[name]} == {}
    assert found["publishes"] == 5
    assert found["killed"] > 0
    assert all(found[f"{kind}_reads"] > 0 for kind in KINDS)
