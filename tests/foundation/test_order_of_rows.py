"""What a day's tables hold does not depend on the order of its rows, on its files, or on what came later."""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from night_runs import backfill, digests
from sample_app import APP, use_app, write_sample

from jobs.core.drift_schemas import LOG_COLUMNS
from jobs.core.schemas import RAW_FILES
from jobs.sample.parameters import Parameters

pytestmark = pytest.mark.long

FIRST = date(2025, 1, 1)
LAST = date(2025, 1, 2)
LATER = date(2025, 1, 3)

# An example is some back-fills of seconds, too dear to be made smaller; the generator's seed makes logs differ.
FEW = settings(
    max_examples=2,
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LOGS = st.builds(
    Parameters,
    users=st.integers(20, 120),
    items=st.integers(5, 40),
    days=st.just(3),
    seed=st.integers(0, 10_000),
    dirt=st.floats(0.05, 0.3),
)

Digests = dict[tuple[str, date], str]


@pytest.fixture
def built(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, spark: object
) -> Callable[..., Digests]:
    """Builds the first two days of a log in an empty home; answers the digests."""

    def build(log: Path, **changed: object) -> Digests:
        use_app(tmp_path_factory.mktemp("app") / "app", log, monkeypatch, **changed)
        backfill(APP, FIRST, LAST)
        # Which files there were is the one thing that may differ.
        return {key: digest for key, digest in digests(APP).items() if key[0] != RAW_FILES.name}

    return build


@FEW
@given(parameters=LOGS, seed=st.integers(0, 1000))
def test_shuffled_and_split_files_of_a_day_give_the_same(
    built: Callable[..., Digests], tmp_path_factory: pytest.TempPathFactory, parameters: Parameters, seed: int
) -> None:
    root = tmp_path_factory.mktemp("log")
    log = write_sample(root / "sample", parameters)
    expected = built(log)
    assert {day for _, day in expected} == {FIRST, LAST}

    split = root / "split"
    split.mkdir()
    for day in (FIRST, LAST):
        _split((log / f"{day}.jsonl").read_bytes().splitlines(), split, day, random.Random(seed))
    assert built(split) == expected


def _split(rows: list[bytes], folder: Path, day: date, chance: random.Random) -> None:
    """A day's rows in another order and in three files."""
    chance.shuffle(rows)
    cuts = sorted(chance.sample(range(1, len(rows)), 2))
    parts = [rows[: cuts[0]], rows[cuts[0] : cuts[1]], rows[cuts[1] :]]
    for number, part in enumerate(parts):
        (folder / f"{day}-{number}.jsonl").write_bytes(b"".join(row + b"\n" for row in part))


@FEW
@given(parameters=LOGS)
def test_files_of_later_days_change_nothing(
    built: Callable[..., Digests], tmp_path_factory: pytest.TempPathFactory, parameters: Parameters
) -> None:
    log = write_sample(tmp_path_factory.mktemp("log") / "sample", parameters)
    with_later = built(log)
    (log / f"{LATER}.jsonl").unlink()
    assert built(log) == with_later


@FEW
@given(parameters=LOGS, seed=st.integers(0, 1000))
def test_later_rows_of_a_log_that_is_split_by_event_time_change_nothing(
    built: Callable[..., Digests], tmp_path_factory: pytest.TempPathFactory, parameters: Parameters, seed: int
) -> None:
    root = tmp_path_factory.mktemp("log")
    log = write_sample(root / "sample", parameters)
    rows = {day: (log / f"{day}.jsonl").read_bytes().splitlines() for day in (FIRST, LAST, LATER)}
    # A broken row has no time that could be read, and belongs to the first day.
    later = [row for row in rows[LATER] if f'"ts":"{LATER}T'.encode() in row and row.endswith(b"}")]
    assert later
    early, mixed = rows[FIRST] + rows[LAST], rows[FIRST] + rows[LAST] + later
    random.Random(seed).shuffle(mixed)
    for name, content in (("early", early), ("mixed", mixed)):
        (root / name).mkdir()
        (root / name / "all.jsonl").write_bytes(b"".join(row + b"\n" for row in content))
    mixed_digests, early_digests = (built(root / name, day_from="event_time") for name in ("mixed", "early"))
    # Columns are told of a whole file, so of all its days.
    for told in (mixed_digests, early_digests):
        for day in (FIRST, LAST):
            told.pop((LOG_COLUMNS.name, day))
    assert mixed_digests == early_digests
