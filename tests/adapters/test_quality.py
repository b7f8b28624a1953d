import json
import logging
import subprocess
import sys
from datetime import date
from typing import Any

import pandas as pd
import pytest

from jobs.adapters.quality import Audit, audit
from jobs.core.config import load_settings
from jobs.core.config.model import Settings
from jobs.core.errors import ChecksFailedError
from jobs.core.schemas import EVENTS, LEDGER, PREDICTIONS
from jobs.core.table import Column, Table

DAY = date(2025, 3, 1)
NEXT = date(2025, 3, 2)
SETTINGS = load_settings("sample")


def accepting(*names: str) -> Settings:
    return load_settings("sample", overrides={"checks.accept": list(names)})


def predictions(**changes: Any) -> pd.DataFrame:
    rows = {
        "user_id": ["alice", "bob", "carol", "dave"],
        "prediction": ["churn"] * 4,
        "probability": [0.1, 0.2, 0.3, 0.4],
        "model": ["churn-1"] * 4,
    }
    return pd.DataFrame(rows | changes)


def audited(frame: pd.DataFrame, settings: Settings = SETTINGS) -> Audit:
    return audit(frame, PREDICTIONS, settings, [DAY])


def names(found: Audit) -> list[str]:
    return [failure.expectation for failure in found.failures]


def empty(table: Table) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in table.column_names}, dtype="object")


def test_a_good_frame_has_no_failures_and_counts_its_rows() -> None:
    found = audited(predictions())
    assert found.failures == ()
    assert found.rows == 4
    assert found.document["success"] is True
    found.raise_if_critical()


def test_a_warning_does_not_stop_the_night() -> None:
    found = audited(predictions(probability=[0.5] * 4))
    assert names(found) == ["probability_varies"]
    assert found.critical == ()
    assert [failure.severity for failure in found.reported] == ["warning"]
    assert found.document["success"] is True
    found.raise_if_critical()


def test_a_critical_failure_stops_the_night_and_says_what_to_do() -> None:
    found = audited(predictions(probability=[1.5, 1.5, 2.5, 0.4]))
    with pytest.raises(ChecksFailedError) as error:
        found.raise_if_critical()
    message = str(error.value)
    assert "table 'predictions' failed 1 critical check(s) for run date 2025-03-01 (4 rows)" in message
    assert "predictions.probability_in_range: 3 rows, such as 1.5; 2.5 (a probability)" in message
    assert "checks: {accept: [predictions.probability_in_range]}" in message


def test_critical_failures_come_before_warnings() -> None:
    found = audited(predictions(probability=[7.0] * 4))
    assert names(found) == ["probability_in_range", "probability_varies"]


def test_an_operator_releases_a_check_by_name() -> None:
    settings = accepting("predictions.probability_in_range")
    found = audited(predictions(probability=[1.5, 0.2, 0.3, 0.4]), settings)
    assert [failure.expectation for failure in found.reported] == ["probability_in_range"]
    assert found.document["meta"]["released"] == 1
    found.raise_if_critical()


def test_the_name_of_another_table_releases_nothing() -> None:
    found = audited(predictions(probability=[1.5, 0.2, 0.3, 0.4]), accepting("churn.probability_in_range"))
    assert len(found.critical) == 1


def test_at_most_three_different_examples() -> None:
    found = audited(predictions(probability=[2.0, 3.0, 4.0, 5.0]))
    assert found.failures[0].examples == ("2.0", "3.0", "4.0")
    assert found.failures[0].n_rows == 4


def test_no_user_id_stands_in_what_is_kept() -> None:
    found = audited(predictions(user_id=["alice", "alice", "", "dave"], prediction=["luck"] * 4))
    assert {"unique", "prediction_in_set"} <= set(names(found))
    kept = json.dumps(found.document) + "".join(failure.sentence for failure in found.failures)
    assert "alice" not in kept
    assert "user_id=#" in kept


def test_the_document_is_small_and_the_same_for_the_same_frame() -> None:
    first, second = (audited(predictions(probability=[2.0] * 4)) for _ in range(2))
    text = json.dumps(first.document, sort_keys=True)
    assert text == json.dumps(second.document, sort_keys=True)
    assert len(text) < 20_000


@pytest.mark.parametrize(
    ("frame", "name", "found"),
    [
        (predictions().drop(columns="model"), "columns", "no model"),
        (predictions(extra=[1] * 4), "columns", "also extra"),
        (predictions()[["prediction", "user_id", "probability", "model"]], "columns", "another order"),
        (predictions(probability=["a", "b", "c", "d"]), "probability_type", "4 rows"),
    ],
)
def test_a_wrong_structure_is_all_that_is_asked(frame: pd.DataFrame, name: str, found: str) -> None:
    failures = audited(frame).failures
    assert [failure.expectation for failure in failures] == [name]
    assert found in failures[0].sentence


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"user_id": ["alice", "bob", "carol", None]}, "user_id_present"),
        ({"user_id": ["alice", "bob", "carol", "carol"]}, "unique"),
        ({"probability": [0.1, 0.2, 0.3, float("inf")]}, "probability_finite"),
    ],
)
def test_the_schema_is_checked(changes: dict[str, Any], name: str) -> None:
    assert name in {failure.expectation for failure in audited(predictions(**changes)).critical}


def test_whole_numbers_with_gaps_are_floats_in_pandas() -> None:
    table = Table("t", "One row.", "log", (), (Column("n", "long", "count", nullable=True),))
    assert audit(pd.DataFrame({"n": [1.0, None]}), table, SETTINGS, [DAY]).failures == ()


def test_the_key_holds_within_each_run_date() -> None:
    rows = pd.concat([predictions(run_date=[day] * 4) for day in (DAY, NEXT)])
    assert audit(rows, PREDICTIONS, SETTINGS, [NEXT, DAY]).failures == ()
    again = pd.concat([rows, rows.head(1)])
    found = audit(again, PREDICTIONS, SETTINGS, [DAY, NEXT])
    assert [(failure.expectation, failure.n_rows) for failure in found.failures] == [("unique", 2)]
    with pytest.raises(ChecksFailedError, match="2 run dates 2025-03-01 to 2025-03-02"):
        found.raise_if_critical()


@pytest.mark.parametrize("days", [[], [DAY, NEXT]])
def test_rows_of_unknown_run_dates_are_refused(days: list[date]) -> None:
    with pytest.raises(ValueError, match="run_date"):
        audit(predictions(), PREDICTIONS, SETTINGS, days)


def test_a_ledger_adds_up_for_each_source_by_itself() -> None:
    rows = [("a", "raw", 5), ("a", "clean", 4), ("b", "raw", 5), ("b", "clean", 6)]
    ledger = pd.DataFrame(
        [{"source": source, "place": place, "reason": "", "n_rows": n} for source, place, n in rows]
    )
    found = audit(ledger, LEDGER, SETTINGS, [DAY])
    assert [(failure.expectation, failure.n_rows) for failure in found.failures] == [
        ("accounted_rows_equal_raw_rows", 2)
    ]


@pytest.mark.parametrize(
    ("trailing", "days", "failed"),
    [((100, 100), [DAY], ["volume"]), ((), [DAY], []), ((100,), [DAY, NEXT], [])],
)
def test_an_empty_day_fails_only_where_there_is_a_day_to_compare_with(
    trailing: tuple[int, ...], days: list[date], failed: list[str]
) -> None:
    frame = empty(EVENTS).assign(run_date=[])
    found = audit(frame, EVENTS, SETTINGS, days, trailing)
    assert names(found) == failed


def test_the_volume_is_compared_with_the_median() -> None:
    found = audit(empty(EVENTS), EVENTS, SETTINGS, [DAY], (10, 1000, 30))
    assert "found 0" in found.failures[0].sentence
    assert "the median of 3 like days is 30 rows" in found.failures[0].sentence


def test_a_released_volume_leaves_the_other_checks_asked() -> None:
    event = {name: None for name in EVENTS.column_names} | {"event_id": "e1", "event_type": "nonsense"}
    frame = pd.DataFrame([event], columns=list(EVENTS.column_names)).astype(
        {"dwell_ms": "float64", "quantity": "float64", "position": "float64", "schema_version": "float64"}
    )
    found = audit(frame, EVENTS, accepting("events.volume"), [DAY], (1000,))
    assert "event_type_in_set" in {failure.expectation for failure in found.critical}
    assert "volume" in {failure.expectation for failure in found.reported}


def test_importing_the_package_does_not_import_great_expectations() -> None:
    code = "import sys, jobs.adapters.quality; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    audited(predictions(probability=[1.5] * 4))
    assert capfd.readouterr() == ("", "")


def test_the_library_s_chatter_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    from jobs.adapters.quality import engine

    with caplog.at_level(logging.INFO):
        engine._context.__wrapped__()
    assert [record.getMessage() for record in caplog.records] == []
