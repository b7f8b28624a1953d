import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobs.adapters.report_page import write_page

SUMMARY: dict[str, Any] = {
    "app": "shop",
    "run_date": "2025-03-01",
    "is_closed": False,
    "counts": {
        "raw": 1200,
        "clean": 1000,
        "quarantined": 150,
        "duplicate": 50,
        "quarantined_by_reason": {"bad_time": 150},
        "duplicate_by_reason": {"exact": 50},
    },
    "champions": [
        {
            "role": "recommender",
            "model": "als-2025-02-28-aaaa",
            "kind": "als",
            "challenger": "als-2025-03-01-bbbb",
            "decision": "refused",
            "reason": "ndcg_at_10 is <0.01 & below its floor",
            "by": "gate",
        }
    ],
    "online": {
        "outcome": "published",
        "generation": "2025-03-01-abc",
        "views": {"churn": 3},
        "serving": {
            "generation": "2025-03-01-abc",
            "run_date": "2025-03-01",
            "age_days": 0,
            "expires_at": "2025-03-09T00:00:00+00:00",
        },
    },
    "stages": [
        {"stage": "clean_events", "state": "done", "seconds": 70.0, "rows": {"events": 1000, "ledger": 4}},
        {"stage": "publish", "state": "published", "seconds": 7.0, "rows": {}},
    ],
    "seconds": 77.0,
    "accepted": [{"expectation": "events.volume", "reason": "a strike", "by": "ann"}],
    "warnings": [
        {"table": "events", "expectation": "x", "severity": "warning", "sentence": "<script>alert(1)</script>"}
    ],
    "tables": {"events": 1000},
}
CLOSED: dict[str, Any] = {
    **SUMMARY,
    "is_closed": True,
    "counts": {name: {} if name.endswith("reason") else 0 for name in SUMMARY["counts"]},
    "online": {
        "outcome": "",
        "generation": "",
        "views": {},
        "serving": {**SUMMARY["online"]["serving"], "age_days": 2},
    },
}


def text_of(summary: dict[str, Any], folder: Path) -> str:
    page = write_page(summary, folder, folder / "data_docs" / "index.html")
    return re.sub(r"\s+", " ", page.read_text(encoding="utf-8"))


def test_the_json_is_the_summary(tmp_path: Path) -> None:
    page = write_page(SUMMARY, tmp_path / "new", tmp_path / "new" / "data_docs" / "index.html")
    assert page == tmp_path / "new" / "night.html"
    assert json.loads((tmp_path / "new" / "night.json").read_text(encoding="utf-8")) == SUMMARY


def test_the_page_tells_the_night(tmp_path: Path) -> None:
    text = text_of(SUMMARY, tmp_path)
    for wanted in ("Saturday, 1 March 2025", "1,200", "bad time", "12.50 %", "als-2025-03-01-bbbb", "1 min 17 s"):
        assert wanted in text
    assert 'href="data_docs/index.html"' in text
    assert "made this night, until 9 March 2025, 00:00 UTC" in text


def test_values_are_escaped(tmp_path: Path) -> None:
    text = text_of(SUMMARY, tmp_path)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;0.01 &amp; below" in text


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    text = text_of(SUMMARY, tmp_path)
    assert not re.search(r"https?:|//|<link|@import|url\(| src=", text)


def test_a_closed_day_says_what_is_still_served(tmp_path: Path) -> None:
    text = text_of(CLOSED, tmp_path)
    assert "The calendar calls this day closed" in text
    assert "2 days older than this night" in text
    assert "Where the rows went" not in text
    assert "The generation of this night" not in text


@pytest.mark.parametrize(
    ("age", "wanted"),
    [(None, "serves nothing yet"), (1, "1 day older"), (-3, "of a later night")],
)
def test_the_age_of_what_is_served_is_told(age: int | None, wanted: str, tmp_path: Path) -> None:
    serving = None if age is None else {**SUMMARY["online"]["serving"], "age_days": age}
    assert wanted in text_of({**SUMMARY, "online": {**SUMMARY["online"], "serving": serving}}, tmp_path)


def test_a_night_without_anything_still_has_a_page(tmp_path: Path) -> None:
    bare = {**CLOSED, "champions": [], "stages": [], "warnings": [], "tables": {}, "seconds": 0.0}
    text = text_of(bare, tmp_path)
    assert "No model serves yet" in text
    assert "Nothing to report" in text
