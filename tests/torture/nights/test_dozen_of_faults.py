"""A dozen faults to the stages of a night; `make torture` has hundreds, and servers that go away."""

import pytest

from tests.servers.nightly_app import INTERPRETED
from tests.torture.nights.fault import TRAINING, WRITING, Fault, draw_corrections, draw_faults
from tests.torture.nights.inject import UNTIMED
from tests.torture.nights.lane import Lane
from tests.torture.nights.run import SWEEP_EVERY
from tests.torture.nights.trial import try_fault

# Minutes: CI runs them beside `make test`.
pytestmark = pytest.mark.faults

# Without those that train: they take longest, and have tests of their own for being killed.
STAGES = tuple(stage for stage in WRITING if stage not in TRAINING)
FAULTS = [
    *draw_faults(seed=11, count=12, on_servers=False, stages=STAGES),
    *draw_corrections(seed=11, count=2, first_number=12, stages=("recommend", "publish")),
]


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Lane:
    made = Lane(tmp_path_factory.mktemp("torture"), {"NIGHTJAR__SPARK__EXTRA": INTERPRETED})
    made.make(last="publish")
    return made


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.number}-{fault.stage}")
def test_nothing_is_left_of_a_fault(lane: Lane, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    # The lane sets these for what it reads in this process.
    monkeypatch.setenv("NIGHTJAR_CONF", str(lane.root / "conf"))
    monkeypatch.setenv("NIGHTJAR_HOME", str(lane.home.root))
    outcome = try_fault(lane, fault, sweep=fault.number % SWEEP_EVERY == 0)
    assert outcome.is_good, outcome
    if fault.kind in UNTIMED:
        assert outcome.hit, f"the fault met nothing, so that nothing was tried: {outcome}"
