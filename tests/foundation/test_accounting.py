"""A row that gets lost on its way stops the night, and one that is sent again counts once."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest
from dirty_app import APP, DAY, DirtyApp, good_lines, line, lines
from night_runs import TABLE_STAGES, backfill, digests
from pyspark.sql import DataFrame

from jobs.__main__ import main
from jobs.core.errors import ChecksFailedError
from jobs.stages import clean_events
from jobs.transforms import cleaning, sessions

NEXT = DAY + timedelta(1)
LOST = "event_id IS NULL OR event_id <> 'good-3'"


Step = Callable[..., DataFrame]


def losing(step: Step) -> Step:
    """The same step, on whose way a row gets lost."""
    return lambda *args: step(*args).filter(LOST)


@pytest.mark.parametrize(
    ("module", "step", "told"),
    [
        (cleaning, "judge", r"1 row, such as accounted_rows=19(\.0)?, raw_rows=20"),
        (sessions, "with_session_id", r"events\.complete: 1 row, such as 'app: n_rows=19, clean_rows=20'"),
    ],
    ids=["before it has a place", "after it was counted"],
)
def test_a_row_that_is_lost_is_missed(
    module: ModuleType,
    step: str,
    told: str,
    dirty: Callable[..., DirtyApp],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, step, losing(getattr(module, step)))
    app = dirty()
    app.put(lines(good_lines(20)))
    with pytest.raises(ChecksFailedError, match=told):
        app.run()
    assert main(["quarantine", "--app", APP, "--date", str(DAY)]) == 0
    assert f"An attempt of {DAY} that is not current" in " ".join(capsys.readouterr().out.split())


@pytest.mark.long
def test_an_event_that_is_sent_again_a_day_later_counts_once_however_its_days_are_built(
    dirty: Callable[..., DirtyApp], capsys: pytest.CaptureFixture[str]
) -> None:
    app = dirty()
    again, in_time = good_lines(20)[:2]
    app.put(lines(good_lines(20)))
    late = [again, line("late", user="u9"), line("good-1", ts=f"{NEXT}T10:00:00Z")]
    app.put(lines([*(text.replace("good", "next") for text in good_lines(20, NEXT)), *late]), f"{NEXT}.jsonl")
    for day in (DAY, NEXT):
        app.run(*TABLE_STAGES, day=day)
    one_by_one = digests(APP)
    assert in_time.startswith('{"id": "good-1"')
    counted = app.read(clean_events.LEDGER, NEXT)
    assert set(zip(counted["place"], counted["reason"], counted["n_rows"], strict=True)) == {
        ("raw", "", 23),
        ("clean", "", 22),
        ("duplicate", "same_id", 1),
    }
    assert main(["explain-row", "--app", APP, "--date", str(NEXT), "--row", again]) == 0
    assert f"had already arrived on {DAY}" in " ".join(capsys.readouterr().out.split())
    backfill(APP, DAY, NEXT)
    assert digests(APP) == one_by_one
