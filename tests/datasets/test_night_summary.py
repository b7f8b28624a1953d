import json
from datetime import date
from typing import Any

import pandas as pd

from jobs.core.model_schemas import CHAMPIONS, PREDICTION_CHALLENGERS
from jobs.core.output_schemas import PUBLISHED
from jobs.core.schemas import LEDGER
from jobs.core.table import Table
from jobs.datasets.night_summary import Serving, summarise

DAY = date(2025, 3, 1)


def rows(table: Table, *values: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(values), columns=list(table.column_names))


NIGHT: dict[str, Any] = {
    "app": "shop",
    "run_date": DAY,
    "is_closed": False,
    "ledger": rows(
        LEDGER,
        ("web", "raw", "", 100),
        ("web", "clean", "", 90),
        ("web", "quarantined", "bad_time", 2),
        ("web", "quarantined", "missing_item", 5),
        ("web", "duplicate", "exact", 3),
        ("till", "raw", "", 7),
        ("till", "clean", "", 5),
        ("till", "quarantined", "bad_time", 2),
    ),
    "champions": rows(
        CHAMPIONS, ("churn", "churn-a", "churn_lightgbm", "{}", "churn-a", "promoted", "auc is 0.8", "{}", "gate")
    ),
    "challengers": rows(PREDICTION_CHALLENGERS),
    "published": rows(
        PUBLISHED,
        ("recs_for_you", "2025-03-01-abc", "d", 4, 2, "published"),
        ("churn", "2025-03-01-abc", "d", 3, 2, "published"),
    ),
    "serving": Serving("2025-03-01-abc", DAY, "2025-03-09T00:00:00+00:00"),
    "runs": [
        {"stage": "clean_events", "state": "done", "seconds": 10.5, "rows": {"events": 90}},
        {"stage": "publish", "state": "done", "seconds": 2.0, "rows": {}},
        {"stage": "clean_events", "state": "unchanged", "seconds": 0.3, "rows": {}},
    ],
    "tables": {"ledger": 8, "events": 95},
    "warnings": [{"table": "events", "expectation": "x", "severity": "warning", "sentence": "y"}],
}
CLOSED = {
    **NIGHT,
    "is_closed": True,
    "ledger": rows(LEDGER),
    "published": rows(PUBLISHED),
    "serving": Serving("2025-02-27-abc", date(2025, 2, 27), "2025-03-07T00:00:00+00:00"),
}


def test_a_challenger_beside_whom_nobody_serves_was_refused() -> None:
    two = [{"role": role, "model": f"{role}-b", "kind": "k"} for role in ("value", "churn")]
    churn, value = summarise(**{**NIGHT, "challengers": pd.DataFrame(two)})["champions"]
    assert (churn["model"], churn["decision"]) == ("churn-a", "promoted")
    assert (value["model"], value["challenger"], value["decision"]) == ("", "value-b", "refused")


def test_rows_of_all_sources_are_counted_and_reasons_go_by_frequency() -> None:
    counts = summarise(**NIGHT)["counts"]
    assert counts["raw"] == counts["clean"] + counts["quarantined"] + counts["duplicate"] == 107
    assert list(counts["quarantined_by_reason"].items()) == [("missing_item", 5), ("bad_time", 4)]
    assert counts["duplicate_by_reason"] == {"exact": 3}


def test_the_last_run_of_a_stage_counts_and_keeps_the_rows_of_the_run_that_wrote() -> None:
    summary = summarise(**NIGHT)
    assert [(stage["stage"], stage["state"], stage["rows"]) for stage in summary["stages"]] == [
        ("clean_events", "unchanged", {"events": 90}),
        ("publish", "done", {}),
    ]
    assert summary["seconds"] == 2.3


def test_the_generation_and_its_views_are_named() -> None:
    online = summarise(**NIGHT)["online"]
    assert (online["outcome"], online["generation"]) == ("published", "2025-03-01-abc")
    assert online["views"] == {"churn": 3, "recs_for_you": 4}
    assert online["serving"]["age_days"] == 0


def test_a_closed_day_has_no_rows_and_an_older_generation() -> None:
    summary = summarise(**CLOSED)
    assert summary["counts"]["raw"] == 0
    assert summary["counts"]["quarantined_by_reason"] == {}
    assert summary["online"]["generation"] == ""
    assert summary["online"]["serving"]["age_days"] == 2


def test_nothing_served_is_said() -> None:
    assert summarise(**{**CLOSED, "serving": None})["online"]["serving"] is None


def test_the_summary_is_json_and_keeps_its_order() -> None:
    summary = summarise(**NIGHT)
    assert json.loads(json.dumps(summary)) == summary
    assert list(summary["tables"]) == ["events", "ledger"]
    assert json.dumps(summarise(**NIGHT)) == json.dumps(summary)


def test_what_was_accepted_stands_in_the_summary() -> None:
    released = {"expectation": "events.volume", "reason": "a strike", "by": "ann"}
    assert summarise(**NIGHT)["accepted"] == []
    assert summarise(**NIGHT, accepted=[released])["accepted"] == [released]
