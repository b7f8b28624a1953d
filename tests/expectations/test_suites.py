"""Every suite passes on a good frame, and each of its expectations can fail."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from expectations.registry import SUITES, day_suite_of, suite_of
from jobs.adapters.quality import audit
from jobs.adapters.quality.engine import validate
from jobs.adapters.quality.prepare import widen, with_run_date
from jobs.adapters.quality.reading import read_failures
from jobs.core.config import load_settings
from jobs.core.table import Column, Table
from jobs.datasets.predictions import FEATURES
from jobs.datasets.tables import TABLES

DAY = date(2025, 3, 1)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
SETTINGS = load_settings("sample")

EVENT = {
    "event_type": "purchase", "event_time": NOON, "event_day": DAY, "user_id": "u1", "session_id": "s1",
    "item_id": "i1", "price": Decimal("2.5000"), "quantity": 2, "dwell_ms": 10, "position": 0,
    "source": "app",
}  # fmt: skip
ACTIVITY = {
    "event_timestamp": NOON, "tenure_days": 20, "days_since_event": 1, "days_since_intent": 2,
    "n_events": 9, "n_events_1d": 2, "n_events_7d": 3, "n_events_28d": 8, "n_events_90d": 9,
    "n_intents_7d": 1, "n_intents_28d": 2, "n_intents_90d": 2,
    "n_sessions_7d": 2, "n_sessions_28d": 4, "n_sessions_90d": 5,
    "n_active_days": 5, "n_active_days_7d": 2, "n_active_days_28d": 5, "n_active_days_90d": 5,
    "n_purchases": 1, "n_purchases_1d": 0, "n_purchases_7d": 0, "n_purchases_28d": 1, "n_purchases_90d": 1,
    "revenue": 5.0, "revenue_1d": 0.0, "revenue_7d": 0.0, "revenue_28d": 5.0, "revenue_90d": 5.0,
    "decayed_revenue": 2.5, "activity": 2.5, "trend": 1.5, "mean_gap_days": 4.0, "gap_deviation_days": 0.5,
    "typical_price": 9.5, "price_spread": 0.5, "n_long_gaps": 1, "mean_log_revenue": 0.5, "wanted_popularity": -0.5,
    "mean_hour": 12.0, "weekday_entropy": 1.0, "hours": [0] * 24, "weekdays": [0] * 7,
}  # fmt: skip
POPULARITY = {
    "event_timestamp": NOON, "age_days": 9, "days_since_event": 1,
    "n_events_1d": 1, "n_events_7d": 3, "n_events_28d": 8, "n_events_90d": 8,
    "n_purchases_1d": 0, "n_purchases_7d": 1, "n_purchases_28d": 1, "n_purchases_90d": 1,
    "revenue_7d": 2.5, "revenue_28d": 2.5, "revenue_90d": 2.5,
    "popularity": 4.5, "trend": 1.5, "life_cycle": "rising", "price": 2.5,
}  # fmt: skip
AFFINITY = {"event_timestamp": NOON, "n_items": 2, "items": ["i1", "i2"], "affinities": [2.0, 1.0]}
CATEGORIES = {"event_timestamp": NOON, "n_categories": 2, "categories": ["c1", "c2"], "affinities": [2.0, 1.0]}
LISTED = {
    "surface": "for_you",
    "score": 0.5,
    "anchor": "",
    "source": "als",
    "model": "als-2025-03-01-1a2b",
}
PREDICTED = {
    "prediction": "churn",
    "days": [],
    "curve": [],
    "reasons": [],
    "action": "",
    "is_prior": False,
    "model": "churn-2025-03-01-1a2b3c4d",
}
LABELLED = {name: 1.0 for name in FEATURES} | {
    "cut": date(2025, 2, 1),
    "split": "holdout",
    "prediction": "churn",
    "segment": "active",
}
CHAMPION = {
    "model": "als-2025-03-01-1a2b", "kind": "als", "recipe": "{}", "challenger": "", "decision": "promoted",
    "reason": "better by 0.1", "numbers": "{}", "by": "gate",
}  # fmt: skip

GOOD: dict[str, list[dict[str, Any]]] = {
    "raw_events": [{"source": "app", "header": "", "raw": "{}", "source_file": "f"}] * 2,
    "log_columns": [
        {"source": "app", "column": "a", "kind": "text", "n_seen": 9, "n_rows": 9, "change": ""},
        {"source": "app", "column": "b", "kind": "text", "n_seen": 9, "n_rows": 9, "change": ""},
    ],
    "events": [EVENT | {"event_id": "e1"}, EVENT | {"event_id": "e2"}],
    "quarantine": [{"source": "app", "reason": "no_item", "raw": "{}", "n_copies": 1, "source_file": "f"}],
    "ledger": [
        {"source": "app", "place": "raw", "reason": "", "n_rows": 1000},
        {"source": "app", "place": "clean", "reason": "", "n_rows": 800},
        {"source": "app", "place": "quarantined", "reason": "no_item", "n_rows": 100},
        {"source": "app", "place": "duplicate", "reason": "same_id", "n_rows": 100},
    ],
    "sessions": [
        {"session_id": "s1", "started_at": NOON, "ended_at": NOON, "is_continued": False, "n_events": 2},
    ],
    "open_visits": [{"visitor": 1, "session_id": "s1", "started_at": NOON, "ended_at": NOON}],
    "identities": [
        {"id_kind": "device_id", "id": "d1", "user_id": "u1", "since": NOON, "last_seen": NOON, "last_day": DAY},
    ],
    "purchases": [
        {"event_id": "p1", "user_id": "u1", "item_id": "i1", "event_time": NOON, "quantity": 1},
    ],
    "refunds": [
        {"event_id": "r1", "user_id": "u1", "item_id": "i1", "event_time": NOON, "quantity": 1,
         "matched_by": "order", "purchase_id": "p1", "purchase_time": NOON},
    ],
    "item_profiles": [{"item_id": "i1", "price": 2.5, "is_available": True, "valid_from": DAY}],
    "user_profiles": [{"user_id": "u1", "valid_from": DAY}],
    "user_status": [{"user_id": "u1", "status": "opted_out", "since": NOON}],
    "user_daily": [
        {"user_id": "u1", "event_day": DAY, "n_events": 3, "n_intents": 1, "n_purchases": 1, "n_goals": 1,
         "n_goodbyes": 0, "n_sessions": 1, "revenue": Decimal("5.0000"), "wanted": Decimal("1.0000"),
         "wanted_log_price": Decimal("1.0000"), "wanted_log_price_squared": Decimal("1.0000"), "hours": [0] * 24,
         "last_event_time": NOON},
    ],
    "user_activity": [ACTIVITY | {"user_id": "u1"}, ACTIVITY | {"user_id": "u2"}],
    "item_popularity": [POPULARITY | {"item_id": "i1"}],
    "user_item_affinity": [AFFINITY | {"user_id": "u1"}],
    "user_category_affinity": [CATEGORIES | {"user_id": "u1"}],
    "recommender_training": [
        {"cut": date(2025, 2, 1), "user_id": "u1", "item_id": "i1"},
    ],
    "prediction_training": [
        LABELLED | {"user_id": "u1", "target": 1.0, "order_target": 1.0},
        LABELLED | {"user_id": "u2", "target": 0.0, "order_target": 0.0},
    ],
    "champions": [CHAMPION | {"role": "recommender"}],
    "recommendations": [
        LISTED | {"entity": "everybody", "key": "*", "rank": 1, "item_id": "i1", "reason": "popular"},
        LISTED | {"entity": "everybody", "key": "*", "rank": 2, "item_id": "i2", "reason": "popular"},
        LISTED | {"entity": "user", "key": "u1", "surface": "because_you", "rank": 1, "item_id": "i3",
                  "reason": "because_you_had", "anchor": "i1"},
        LISTED | {"entity": "item", "key": "i1", "surface": "similar", "rank": 1, "item_id": "i3",
                  "reason": "similar_to", "anchor": "i1"},
    ],
    "predictions": [
        PREDICTED | {"user_id": "u1", "probability": 0.25},
        PREDICTED | {"user_id": "u2", "probability": 0.75},
    ],
    "segments": [
        {"segment": "s1", "title": "comes often", "traits": ["comes often"], "n_users": 3, "share": 0.75,
         "kept_share": 0.9, "drift": 0.1, "moved_share": 0.05, "is_new": False, "n_named": 2,
         "habits": ["often"], "centre": [0.5]},
        {"segment": "s2", "title": "comes seldom", "traits": ["comes seldom"], "n_users": 1, "share": 0.25,
         "kept_share": 1.0, "drift": 0.0, "moved_share": 0.05, "is_new": True, "n_named": 2,
         "habits": ["often"], "centre": [-0.5]},
    ],
    "user_segments": [
        {"user_id": "u1", "segment": "s1", "certainty": 0.9, "previous": "", "n_visits": 3},
        {"user_id": "u2", "segment": "s2", "certainty": 0.8, "previous": "s1", "n_visits": 0},
    ],
    "user_stages": [{"user_id": "u1", "stage": "new", "rule": 3}, {"user_id": "u2", "stage": "lost", "rule": 1}],
    "send_times": [
        {"user_id": "u1", "weekday": 6, "hour": 20, "time_zone": "UTC", "expected_gain": 0.5, "based_on": "own",
         "n_visits": 30, "n_opened": 2},
        {"user_id": "u2", "weekday": 0, "hour": 0, "time_zone": "Asia/Tokyo", "expected_gain": 0.0,
         "based_on": "segment", "n_visits": 1, "n_opened": 0},
    ],
    "next_interests": [
        {"user_id": "u1", "categories": ["a", "b"], "shares": [0.6, 0.4], "based_on": "own"},
        {"user_id": "u2", "categories": ["b", "a"], "shares": [0.6, 0.4], "based_on": "everybody"},
    ],
}  # fmt: skip

# What to change in the first row so that the named expectation fails.
BREAKS: dict[str, dict[str, dict[str, Any]]] = {
    "raw_events": {"raw_filled": {"raw": ""}, "source_in_set": {"source": "other"}},
    "log_columns": {
        "source_in_set": {"source": "other"},
        "new_column": {"change": "new"},
        "missing_column": {"change": "missing"},
        "retyped_column": {"change": "retyped", "kind_before": "number"},
    },
    "events": {
        "event_type_in_set": {"event_type": "purchse"},
        "event_day_at_most_run_date": {"event_day": date(2025, 3, 2)},
        "price_in_range": {"price": Decimal("-1.0000")},
        "quantity_in_range": {"quantity": 0},
        "position_in_range": {"position": -1},
        "dwell_ms_in_range": {"dwell_ms": -1},
        "propensity_in_range": {"propensity": 0.0},
        "user_from_in_set": {"user_from": "a_guess"},
        "item_id_where_needed": {"item_id": None},
        "visitor_known": {"user_id": None},
        "purchase_price_present": {"price": None},
    },
    "quarantine": {"reason_filled": {"reason": ""}, "source_in_set": {"source": "other"}},
    "ledger": {
        "place_in_set": {"place": "lost"},
        "n_rows_in_range": {"n_rows": -1},
        "accounted_rows_equal_raw_rows": {"n_rows": 11},
        "quarantined_share_in_range": {"n_rows": 400},
        "quarantined_share_elsewhere": {"n_rows": 40},
    },
    "sessions": {
        "started_at_at_most_ended_at": {"ended_at": datetime(2025, 3, 1, 11, tzinfo=UTC)},
        "n_events_in_range": {"n_events": 0},
    },
    "open_visits": {
        "started_at_at_most_ended_at": {"ended_at": datetime(2025, 3, 1, 11, tzinfo=UTC)},
        "session_id_filled": {"session_id": ""},
    },
    "identities": {
        "id_kind_in_set": {"id_kind": "fax"},
        "id_filled": {"id": ""},
        "user_id_filled": {"user_id": ""},
        "since_at_most_last_seen": {"last_seen": datetime(2025, 3, 1, 11, tzinfo=UTC)},
    },
    "purchases": {"quantity_in_range": {"quantity": 0}},
    "refunds": {
        "matched_by_in_set": {"matched_by": "chance"},
        "quantity_in_range": {"quantity": 0},
        "purchase_time_at_most_event_time": {"purchase_time": datetime(2025, 3, 1, 13, tzinfo=UTC)},
        "purchase_where_matched": {"purchase_id": None},
        "mostly_matched": {"matched_by": "none", "purchase_id": None, "purchase_time": None},
    },
    "item_profiles": {
        "valid_from_at_most_run_date": {"valid_from": date(2025, 3, 2)},
        "item_id_filled": {"item_id": ""},
        "price_in_range": {"price": -1.0},
    },
    "user_profiles": {
        "valid_from_at_most_run_date": {"valid_from": date(2025, 3, 2)},
        "user_id_filled": {"user_id": ""},
    },
    "user_status": {"status_in_set": {"status": "gone"}},
    "user_daily": {
        "event_day_at_most_run_date": {"event_day": date(2025, 3, 2)},
        "n_events_in_range": {"n_events": 0},
        "n_intents_in_range": {"n_intents": -1},
        "n_intents_at_most_n_events": {"n_intents": 4},
        "n_goals_in_range": {"n_goals": -1},
        "n_goals_at_most_n_events": {"n_goals": 4},
        "n_goodbyes_in_range": {"n_goodbyes": -1},
        "n_goodbyes_at_most_n_events": {"n_goodbyes": 4},
        "n_sessions_at_most_n_events": {"n_sessions": 4},
        "wanted_in_range": {"wanted": Decimal("-1.0000")},
        "hours_length_in_range": {"hours": [0] * 23},
    },
    "user_activity": {
        "days_since_event_in_range": {"days_since_event": -1},
        "days_since_event_at_most_tenure_days": {"tenure_days": 0},
        "days_since_event_at_most_days_since_intent": {"days_since_intent": 0},
        "days_since_intent_at_most_tenure_days": {"days_since_intent": 21},
        "n_events_1d_at_most_n_events_7d": {"n_events_1d": 4},
        "n_events_7d_at_most_n_events_28d": {"n_events_7d": 9},
        "n_events_28d_at_most_n_events_90d": {"n_events_28d": 10},
        "n_events_90d_at_most_n_events": {"n_events_90d": 10},
        "n_intents_7d_at_most_n_intents_28d": {"n_intents_7d": 3},
        "n_intents_28d_at_most_n_intents_90d": {"n_intents_28d": 3},
        "n_intents_90d_at_most_n_events_90d": {"n_intents_90d": 10},
        "n_sessions_7d_at_most_n_sessions_28d": {"n_sessions_7d": 5},
        "n_sessions_28d_at_most_n_sessions_90d": {"n_sessions_28d": 6},
        "n_active_days_7d_at_most_n_active_days_28d": {"n_active_days_7d": 6},
        "n_active_days_28d_at_most_n_active_days_90d": {"n_active_days_28d": 6},
        "n_active_days_90d_at_most_n_active_days": {"n_active_days_90d": 6},
        "n_active_days_at_most_n_events": {"n_active_days": 10},
        "n_sessions_90d_at_most_n_events_90d": {"n_sessions_90d": 10},
        "n_events_in_range": {"n_events": 0},
        "n_events_1d_in_range": {"n_events_1d": -1},
        "n_intents_7d_in_range": {"n_intents_7d": -1},
        "n_sessions_7d_in_range": {"n_sessions_7d": -1},
        "n_active_days_7d_in_range": {"n_active_days_7d": 8},
        "n_active_days_28d_in_range": {"n_active_days_28d": 29},
        "n_active_days_90d_in_range": {"n_active_days_90d": 91},
        "n_purchases_in_range": {"n_purchases": -1},
        "activity_in_range": {"activity": -0.5},
        "trend_in_range": {"trend": 4.5},
        "mean_gap_days_in_range": {"mean_gap_days": 0.5},
        "gap_deviation_days_in_range": {"gap_deviation_days": -0.5},
        "typical_price_in_range": {"typical_price": -1.0},
        "price_spread_in_range": {"price_spread": -0.5},
        "n_long_gaps_in_range": {"n_long_gaps": -1},
        "n_long_gaps_at_most_n_events": {"n_long_gaps": 10},
        "mean_log_revenue_in_range": {"mean_log_revenue": -0.5},
        "mean_hour_in_range": {"mean_hour": 23.5},
        "weekday_entropy_in_range": {"weekday_entropy": 1.95},
        "hours_length_in_range": {"hours": [0] * 23},
        "weekdays_length_in_range": {"weekdays": [0] * 6},
    },
    "item_popularity": {
        "days_since_event_in_range": {"days_since_event": -1},
        "days_since_event_at_most_age_days": {"age_days": 0},
        "n_events_1d_in_range": {"n_events_1d": -1},
        "n_events_1d_at_most_n_events_7d": {"n_events_1d": 4},
        "n_events_7d_at_most_n_events_28d": {"n_events_7d": 9},
        "n_events_28d_at_most_n_events_90d": {"n_events_28d": 9},
        "trend_in_range": {"trend": 4.5},
        "life_cycle_in_set": {"life_cycle": "retired"},
        "price_in_range": {"price": -1.0},
    },
    "user_category_affinity": {
        "categories_length_in_range": {"categories": []},
        "categories_length_equal_affinities_length": {"affinities": [2.0]},
        "categories_length_at_most_n_categories": {"n_categories": 1},
    },
    "user_item_affinity": {
        "items_length_in_range": {"items": []},
        "items_length_equal_affinities_length": {"affinities": [2.0]},
        "items_length_at_most_n_items": {"n_items": 1},
    },
    "recommender_training": {
        "cut_at_most_run_date": {"cut": date(2025, 3, 2)},
        "user_id_filled": {"user_id": ""},
        "item_id_filled": {"item_id": ""},
    },
    "prediction_training": {
        "prediction_in_set": {"prediction": "purchase"},
        "split_in_set": {"split": "test"},
        "cut_at_most_run_date": {"cut": date(2025, 3, 2)},
        "target_in_range": {"target": -1.0},
        "order_target_in_range": {"order_target": -1.0},
        "days_since_event_in_range": {"days_since_event": 90.0},
        "target_varies": {"target": 0.0},
    },
    "champions": {
        "role_in_set": {"role": "ranker"},
        "decision_in_set": {"decision": "perhaps"},
        "by_in_set": {"by": "chance"},
        "model_filled": {"model": ""},
        "reason_filled": {"reason": ""},
    },
    "recommendations": {
        "entity_in_set": {"entity": "stranger"},
        "surface_in_set": {"surface": "attic"},
        "reason_in_set": {"reason": "because"},
        "rank_in_range": {"rank": 51},
        "item_once_in_list": {"item_id": "i2"},
        "item_id_filled": {"item_id": ""},
        "key_filled": {"key": ""},
        "model_filled": {"model": ""},
        "anchor_where_named": {"reason": "because_you_had"},
        "everybody_has_a_list": {},
    },
    "predictions": {
        "prediction_in_set": {"prediction": "luck"},
        "probability_in_range": {"probability": 1.5},
        "expected_in_range": {"expected": -1.0},
        "low_at_most_expected": {"expected": 1.0, "low": 2.0},
        "expected_at_most_high": {"expected": 4.0, "high": 3.0},
        "model_filled": {"model": ""},
        "probability_varies": {"probability": 0.75},
    },
    "segments": {
        "title_filled": {"title": ""},
        "n_users_in_range": {"n_users": 0},
        "share_in_range": {"share": 1.5},
        "kept_share_in_range": {"kept_share": -0.5},
        "moved_share_in_range": {"moved_share": 0.75},
        "drift_in_range": {"drift": 1.5},
        "habits_length_equal_centre_length": {"centre": []},
    },
    "user_segments": {
        "segment_filled": {"segment": ""},
        "certainty_in_range": {"certainty": 0.0},
        "n_visits_in_range": {"n_visits": -1},
    },
    "user_stages": {"stage_in_set": {"stage": "whale"}, "rule_in_range": {"rule": 99}},
    "send_times": {
        "weekday_in_range": {"weekday": 7},
        "hour_in_set": {"hour": 24},
        "time_zone_filled": {"time_zone": ""},
        "expected_gain_in_range": {"expected_gain": -0.5},
        "based_on_in_set": {"based_on": "luck"},
    },
    "next_interests": {
        "categories_length_in_range": {"categories": [], "shares": []},
        "categories_length_equal_shares_length": {"shares": [0.6]},
        "based_on_in_set": {"based_on": "luck"},
    },
}  # fmt: skip

CASES = [(table, name) for table in sorted(BREAKS) for name in BREAKS[table]]


def frame_of(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(table.column_names))
    return frame.astype({column.name: _dtype(column) for column in table.columns})


def _dtype(column: Column) -> str:
    whole = {"long": "int64", "int": "int32"}
    if column.type in whole:
        return "float64" if column.nullable else whole[column.type]
    return {"double": "float64", "boolean": "bool"}.get(column.type, "object")


def broken(table: str, name: str) -> list[dict[str, Any]]:
    if name == "everybody_has_a_list":
        return [row | {"entity": "user"} for row in GOOD[table]]
    first, *others = GOOD[table]
    return [first | BREAKS[table][name], *others]


@pytest.mark.parametrize("table", sorted(SUITES))
def test_a_good_frame_passes(table: str) -> None:
    found = audit(frame_of(TABLES[table], GOOD[table]), TABLES[table], SETTINGS, [DAY])
    assert found.failures == ()


@pytest.mark.parametrize(("table", "name"), CASES)
def test_each_expectation_can_fail(table: str, name: str) -> None:
    suite, frame = suite_of(table, SETTINGS), frame_of(TABLES[table], broken(table, name))
    widened = widen(with_run_date(frame, [DAY]), TABLES[table], suite.widen)
    # Alone: the rest of its suite would be asked two hundred times over.
    asked = [expectation for expectation in suite.expectations if expectation.meta["name"] == name]
    found = read_failures(validate(widened, asked), SETTINGS.tracking.hash_key, {}, [DAY])
    assert [failure.expectation for failure in found] == [name]


@pytest.mark.parametrize("table", sorted(BREAKS))
def test_an_audit_of_all_of_a_suite_tells_what_fails(table: str) -> None:
    name = next(reversed(BREAKS[table]))
    found = audit(frame_of(TABLES[table], broken(table, name)), TABLES[table], SETTINGS, [DAY])
    assert name in {failure.expectation for failure in found.failures}


def test_no_expectation_is_left_without_a_proof_that_it_can_fail() -> None:
    for table in SUITES:
        names = [expectation.meta["name"] for expectation in suite_of(table, SETTINGS).expectations]
        assert names == list(BREAKS[table])


def test_every_suite_belongs_to_a_table() -> None:
    assert set(SUITES) <= set(TABLES)


def test_a_table_without_a_suite_has_an_empty_one() -> None:
    assert suite_of("item_state", SETTINGS).expectations == ()


@pytest.mark.parametrize("table", sorted(SUITES))
def test_each_expectation_says_why(table: str) -> None:
    for expectation in suite_of(table, SETTINGS).expectations:
        assert expectation.severity.value in ("critical", "warning")
        assert len(expectation.meta["notes"]) > 10


def test_names_are_unique_within_a_table() -> None:
    for table in SUITES:
        suites = (*suite_of(table, SETTINGS).expectations, *day_suite_of(table, SETTINGS))
        names = [expectation.meta["name"] for expectation in suites]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(("source", "rows", "severity"), [("app", 50, "critical"), ("app", 49, "warning")])
def test_few_bad_rows_of_a_log_of_events_are_a_warning(source: str, rows: int, severity: str) -> None:
    assert _severities(source, rows) == {severity}


def test_bad_rows_of_a_catalogue_are_a_warning() -> None:
    catalogue = next(name for name, log in SETTINGS.sources.items() if log.kind == "items")
    assert _severities(catalogue, 4) == _severities(catalogue, 10_000) == {"warning"}


def _severities(source: str, rows: int) -> set[str]:
    """Of what fails where a quarter of a log's rows is broken."""
    quarter = rows // 4 + 1
    ledger = [("raw", "", rows), ("clean", "", rows - quarter), ("quarantined", "bad_price", quarter)]
    told = [{"source": source, "place": place, "reason": why, "n_rows": n} for place, why, n in ledger]
    found = audit(frame_of(TABLES["ledger"], told), TABLES["ledger"], SETTINGS, [DAY])
    return {failure.severity for failure in found.failures}
