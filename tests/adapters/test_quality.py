import json
import logging
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.adapters.quality import Audit, audit
from jobs.adapters.quality.audit import expectation_names
from jobs.adapters.quality.days import Surroundings
from jobs.core.config import load_settings
from jobs.core.config.model import Settings
from jobs.core.daily_schemas import ITEM_DAILY
from jobs.core.errors import ChecksFailedError
from jobs.core.output_schemas import PREDICTIONS
from jobs.core.schemas import EVENTS, LEDGER
from jobs.core.table import Column, Table

DAY = date(2025, 3, 1)
NEXT = date(2025, 3, 2)
WEEK_BEFORE = DAY - timedelta(weeks=1)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
SETTINGS = load_settings("sample")


def accepting(*names: str) -> Settings:
    return load_settings("sample", overrides={"checks.accept": list(names)})


def predictions(**changes: Any) -> pd.DataFrame:
    rows = {
        "user_id": ["alice", "bob", "carol", "dave"],
        "prediction": ["churn"] * 4,
        "probability": [0.1, 0.2, 0.3, 0.4],
        **dict.fromkeys(("expected", "low", "high"), [np.nan] * 4),
        **{name: [[] for _ in range(4)] for name in ("days", "curve", "reasons")},
        "action": [""] * 4,
        "is_prior": [False] * 4,
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
    command = "nightjar accept --app sample --date 2025-03-01 --expectation predictions.probability_in_range --reason"
    assert command in message


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
        (predictions().iloc[:, ::-1], "columns", "another order"),
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


def event(**changes: Any) -> dict[str, Any]:
    """An event of DAY at noon."""
    given = {
        "event_id": "e1",
        "event_type": "view",
        "event_time": NOON,
        "event_day": DAY,
        "user_id": "u",
        "item_id": "i",
    }
    return dict.fromkeys(EVENTS.column_names) | given | {"session_id": "s", "source": "app"} | changes


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = ["run_date", *EVENTS.column_names] if rows and "run_date" in rows[0] else list(EVENTS.column_names)
    floats = [column.name for column in EVENTS.columns if column.type in ("long", "int", "double")]
    return pd.DataFrame(list(rows), columns=columns).astype(dict.fromkeys(floats, "float64"))


@pytest.mark.parametrize(
    ("closed", "history", "failed"),
    [
        ((), {}, ["volume"]),
        ((), {WEEK_BEFORE: 100}, ["volume"]),
        ((DAY,), {WEEK_BEFORE: 100}, []),
    ],
)
def test_an_empty_day_fails_unless_it_is_closed(
    closed: tuple[date, ...], history: dict[date, int], failed: list[str]
) -> None:
    calendar = SETTINGS.calendar.model_copy(update={"closed_days": closed})
    settings = SETTINGS.model_copy(update={"calendar": calendar})
    assert names(audit(empty(EVENTS), EVENTS, settings, [DAY], Surroundings(of_app(history)))) == failed


def test_the_volume_is_compared_with_the_median_of_the_same_open_weekdays() -> None:
    weeks = [DAY - timedelta(weeks=week) for week in range(1, 6)]
    history = dict(zip(weeks, (10, 1000, 30, 5000, 9), strict=True)) | {DAY - timedelta(1): 10**6}
    calendar = SETTINGS.calendar.model_copy(update={"closed_days": (weeks[3],)})
    found = audit(
        events(event()),
        EVENTS,
        SETTINGS.model_copy(update={"calendar": calendar}),
        [DAY],
        Surroundings(of_app(history)),
    )
    assert [(each.expectation, each.examples) for each in found.failures] == [
        ("volume", ("'app: n_rows=1, least_rows=6'",))
    ]


def of_app(history: dict[date, int]) -> dict[date, dict[str, int]]:
    return {day: {"app": n_rows} for day, n_rows in history.items()}


def test_each_log_of_events_is_judged_by_itself() -> None:
    web = SETTINGS.log.model_copy(update={"name": "web"})
    settings = SETTINGS.model_copy(update={"logs": {**SETTINGS.logs, "web": web}})
    history = {WEEK_BEFORE: {"app": 2, "web": 40}}
    of_web = [event(event_id=f"web:{n}", source="web", event_time=NOON - timedelta(days=1)) for n in range(2)]
    found = audit(
        events(event(event_id="a"), event(event_id="b"), *of_web), EVENTS, settings, [DAY], Surroundings(history)
    )
    assert {each.expectation: each.examples for each in found.failures if each.expectation != "event_day"} == {
        "volume": ("'web: n_rows=2, least_rows=8'",),
        "freshness": (f"'web: newest_event={DAY - timedelta(1)} 12:00 UTC, stalest_allowed={DAY} 00:00 UTC'",),
    }
    empty_log = audit(events(event()), EVENTS, settings, [DAY], Surroundings())
    assert [each.examples for each in empty_log.failures] == [("'web: n_rows=0, least_rows=1'",)]


def test_events_are_the_clean_rows_of_the_ledger() -> None:
    def failed(clean: dict[date, dict[str, int]]) -> list[tuple[str, tuple[str, ...]]]:
        found = audit(events(event()), EVENTS, SETTINGS, [DAY], Surroundings(clean_rows=clean))
        return [(each.expectation, each.examples) for each in found.failures]

    assert failed({DAY: {"app": 1}}) == []
    assert failed({DAY: {"app": 2}}) == [("complete", ("'app: n_rows=1, clean_rows=2'",))]
    assert failed({DAY: {}}) == [("complete", ("'app: n_rows=1, clean_rows=0'",))]


def test_a_backfill_compares_each_date_with_those_before_and_names_the_dates() -> None:
    days = [DAY + timedelta(weeks=week) for week in range(4)]
    counts = [20, 20, 1, 20]
    rows = [
        event(event_id=f"{day}-{n}", run_date=day, event_day=day, event_time=NOON + timedelta(days=(day - DAY).days))
        for day, count in zip(days, counts, strict=True)
        for n in range(count)
    ]
    found = audit(events(*rows), EVENTS, SETTINGS, days)
    assert [(each.expectation, each.run_dates) for each in found.failures] == [("volume", (days[2],))]
    assert f"on {days[2]}" in found.failures[0].sentence
    command = f"nightjar backfill --app sample --from {days[0]} --to {days[-1]} --accept events.volume --reason TEXT"
    with pytest.raises(ChecksFailedError, match=command):
        found.raise_if_critical()


@pytest.mark.parametrize(("hours", "failed"), [(12, []), (11.9, ["freshness"])])
def test_the_newest_event_is_near_midnight(hours: float, failed: list[str]) -> None:
    checks = SETTINGS.checks.model_copy(update={"max_staleness_hours": hours})
    settings = SETTINGS.model_copy(update={"checks": checks})
    early = event(event_id="e2", event_time=NOON - timedelta(hours=9))
    assert names(audit(events(event(), early), EVENTS, settings, [DAY])) == failed


def test_rows_that_break_a_check_are_told_with_their_dates() -> None:
    days = [DAY + timedelta(n) for n in range(9)]
    rows = [predictions(run_date=[day] * 4) for day in days]
    rows[3]["probability"] = rows[7]["probability"] = [2.0, 0.5, 0.25, 0.125]
    found = audit(pd.concat(rows), PREDICTIONS, SETTINGS, days)
    assert [(each.expectation, each.n_rows, each.run_dates) for each in found.failures] == [
        ("probability_in_range", 2, (days[3], days[7]))
    ]


def test_a_release_counts_for_its_dates_only() -> None:
    name = "predictions.probability_in_range"
    rows = pd.concat([predictions(run_date=[day] * 4, probability=[2.0, 0.1, 0.2, 0.3]) for day in (DAY, NEXT)])
    partly = audit(rows, PREDICTIONS, SETTINGS, [DAY, NEXT], accepted={name: frozenset([DAY])})
    wholly = audit(rows, PREDICTIONS, SETTINGS, [DAY, NEXT], accepted={name: frozenset([DAY, NEXT])})
    assert (len(partly.critical), len(wholly.critical), len(wholly.reported)) == (1, 0, 1)


def test_events_of_items_that_the_catalogue_does_not_name_are_a_warning() -> None:
    item = dict.fromkeys(ITEM_DAILY.column_names, 0) | {"n_events": 9}
    rows = pd.DataFrame([item | {"item_id": name} for name in ("i1", "i2")])
    known = Surroundings(known_items=lambda day: {"i1"})
    found = audit(rows, ITEM_DAILY, SETTINGS, [DAY], known).failures
    assert [(each.expectation, each.severity, each.examples) for each in found] == [
        ("unknown_share_in_range", "warning", ("0.5",))
    ]
    assert audit(rows, ITEM_DAILY, SETTINGS, [DAY]).failures == ()


def test_rows_left_out_on_purpose_do_not_count_as_quarantined() -> None:
    purposes = {"filtered": 30, "not_a_product": 20, "test_traffic": 10}
    places = [("raw", "", 100), ("clean", "", 40), *(("quarantined", why, rows) for why, rows in purposes.items())]
    ledger = pd.DataFrame([("app", *row) for row in places], columns=list(LEDGER.column_names))
    assert audit(ledger, LEDGER, SETTINGS, [DAY]).failures == ()
    worse = ledger.replace({"reason": {"filtered": "bad_time"}})
    assert names(audit(worse, LEDGER, SETTINGS, [DAY])) == ["quarantined_share_in_range"]


@pytest.mark.parametrize(
    ("filtered", "bad", "clean", "share"),
    [(900, 90, 10, "0.9"), (900, 60, 0, "1"), (900, 10, 90, None), (1000, 0, 0, None)],
)
def test_the_share_is_that_of_the_rows_that_were_meant(
    filtered: int, bad: int, clean: int, share: str | None
) -> None:
    counts = {("quarantined", "filtered"): filtered, ("quarantined", "bad_time"): bad, ("clean", ""): clean}
    rows = [("app", "raw", "", sum(counts.values())), *(("app", *where, count) for where, count in counts.items())]
    found = audit(pd.DataFrame(rows, columns=list(LEDGER.column_names)), LEDGER, SETTINGS, [DAY]).failures
    assert [f"quarantined_share={share} (" in each.sentence for each in found] == ([True] if share else [])


def test_too_much_in_quarantine_says_of_which_log_and_what_to_type() -> None:
    counts = [("clean", "", 5), ("quarantined", "bad_price", 40), ("quarantined", "bad_time", 50)]
    rows = [("app", *row) for row in [("raw", "", 115), *counts, ("quarantined", "filtered", 20)]]
    rows += [("items", *row) for row in [("raw", "", 4), ("clean", "", 3), ("quarantined", "no_item", 1)]]
    ledger = pd.DataFrame(rows, columns=list(LEDGER.column_names))
    assert [
        (each.expectation, each.severity, each.examples) for each in audit(ledger, LEDGER, SETTINGS, [DAY]).failures
    ] == [
        (
            "quarantined_share_in_range",
            "critical",
            (
                "'app: quarantined_share=0.947 (90 of 95 rows), max_quarantine_share=0.2, most of it bad_time "
                f"(50); see nightjar quarantine --app sample --date {DAY}'",
            ),
        ),
        (
            "quarantined_share_elsewhere",
            "warning",
            (
                "'items: quarantined_share=0.25 (1 of 4 rows), max_quarantine_share=0.2, most of it no_item "
                f"(1); see nightjar quarantine --app sample --date {DAY}'",
            ),
        ),
    ]


def test_a_released_volume_leaves_the_other_checks_asked() -> None:
    found = audit(
        events(event(event_type="nonsense")),
        EVENTS,
        accepting("events.volume"),
        [DAY],
        Surroundings(of_app({WEEK_BEFORE: 10**6})),
    )
    assert "event_type_in_set" in {failure.expectation for failure in found.critical}
    assert "volume" in {failure.expectation for failure in found.reported}


@pytest.mark.parametrize("table", [EVENTS, PREDICTIONS, LEDGER])
def test_every_expectation_that_may_fail_has_its_name_in_the_list(table: Table) -> None:
    listed = expectation_names(table, SETTINGS)
    asked = audit(predictions(), PREDICTIONS, SETTINGS, [DAY]).document["results"]
    if table is PREDICTIONS:
        assert {result["expectation_config"]["meta"]["name"] for result in asked} <= set(listed)
    assert "columns" in listed
    assert len(listed) == len(set(listed))


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
