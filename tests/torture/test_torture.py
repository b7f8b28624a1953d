"""The short form of the torture; the full one is `make torture-serving`."""

from pathlib import Path

import pytest

from tests.torture.torture import _WRONG, Plan, torture


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_readers_never_fail_nor_step_back_and_the_end_is_the_same(store: str, tmp_path: Path) -> None:
    found = torture(Plan(store, publishes=5, kills=2, readers=2, users=300), tmp_path / "torture")
    assert {name: found[name] for name in _WRONG if found[name]} == {}
    assert found["publishes"] == 4
    assert found["reads"] > 0
