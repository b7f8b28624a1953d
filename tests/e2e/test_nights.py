"""Nights one by one and a back-fill end in the same digests, also when nights are killed on the way."""

from datetime import timedelta
from pathlib import Path

import pytest
from night_runs import TABLE_STAGES, backfill, digests, run_night
from tiny_app import CLOSED, FIRST, LAST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.stages.catalog import STAGES
from jobs.stages.order import in_order

pytestmark = pytest.mark.slow

# The nights that are run one by one: an open day on which the seven-day windows first lose rows, a closed
# one, and an open one.
NIGHTS = tuple(LAST - timedelta(days) for days in (2, 1, 0))
THIRD = FIRST + timedelta(2)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIGHTJAR_CONF", str(write_app(tmp_path)))
    return tmp_path


def use_home(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("NIGHTJAR_HOME", str(folder))


def test_nights_killed_on_the_way_equal_one_backfill(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spark: object
) -> None:
    use_home(monkeypatch, tiny / "nights")
    backfill("tiny", FIRST, NIGHTS[0] - timedelta(1))
    for day, killed in zip(NIGHTS, TABLE_STAGES, strict=True):
        run_night("tiny", day, killed)
    one_by_one = digests("tiny")

    use_home(monkeypatch, tiny / "backfill")
    backfill("tiny", FIRST, LAST)
    in_one_go = digests("tiny")

    assert CLOSED in {day for _, day in one_by_one}
    assert one_by_one == in_one_go


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Path:
    """A folder with the app, its log and a home in which the first three days are built."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_CONF", str(write_app(folder)))
        use_home(patch, folder / "home")
        backfill("tiny", FIRST, THIRD)
    return folder


@pytest.fixture
def at_work(begun: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIGHTJAR_CONF", str(begun / "conf"))
    use_home(monkeypatch, begun / "home")
    return begun


def test_a_second_run_is_unchanged_and_later_events_change_nothing(
    at_work: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first_run = digests("tiny")
    tomorrow = at_work / "log" / f"{THIRD + timedelta(1)}.jsonl"
    tomorrow.write_text(tomorrow.read_text(encoding="utf-8") * 2, encoding="utf-8")
    caplog.set_level("INFO", logger="nightjar")

    backfill("tiny", FIRST, THIRD)

    ended = [record.getMessage() for record in caplog.records if " in " in record.getMessage()]
    assert len(ended) == len(TABLE_STAGES)
    assert all("unchanged" in message for message in ended)
    assert digests("tiny") == first_run


def test_state_of_other_settings_is_refused(
    at_work: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    day = THIRD + timedelta(1)
    assert main(["build_features", "--app", "tiny", "--date", str(day)]) == 5
    assert "clean_events" in caplog.text
    for stage in TABLE_STAGES[:2]:
        assert main([stage, "--app", "tiny", "--date", str(day)]) == 0
    monkeypatch.setenv("NIGHTJAR__FEATURES__USER_HALF_LIFE_DAYS", "3")

    assert main(["build_features", "--app", "tiny", "--date", str(day)]) == 6

    assert f"nightjar backfill --app tiny --from {FIRST} --to {THIRD}" in caplog.text
    assert ("user_state", day) not in digests("tiny")


@pytest.mark.long
def test_a_closed_night_is_green_and_the_next_one_goes_on(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spark: object
) -> None:
    use_home(monkeypatch, tiny / "home")
    before = CLOSED - timedelta(1)
    assert main(["backfill", "--app", "tiny", "--from", str(FIRST), "--to", str(before)]) == 0
    lake = Lake(Home(home_folder(), "tiny").lake)
    served = read_pandas(lake, CHAMPIONS, lake.require("champions", before, "promote_models"))

    for day in (CLOSED, LAST):
        for stage in in_order(STAGES.values()):
            if stage.name != "withdraw":
                assert main([stage.name, "--app", "tiny", "--date", str(day)]) == 0

    copied = read_pandas(lake, CHAMPIONS, lake.require("champions", CLOSED, "promote_models"))
    assert copied["model"].tolist() == served["model"].tolist()
    assert set(copied["decision"]) == {"copied"}
    assert lake.manifest("recommendations", CLOSED) is None
    assert lake.require("recommendations", LAST, "recommend").rows > 0
