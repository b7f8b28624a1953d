"""Dirt is counted exactly: a plain reader that knows only the log's format finds the same numbers."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sample.dirt import soil
from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.spoil import KINDS, LATE, Template

ITEM_TYPES = frozenset(
    {
        "impression", "view", "click", "like", "skip", "add_to_cart", "purchase", "refund", "notification_sent",
        "notification_opened",
    }
)  # fmt: skip
OTHER_TYPES = frozenset(
    {"search", "sign_up", "sign_in", "opt_out", "opt_in", "deletion_request", "uninstall"}
)  # fmt: skip
LATENESS_DAYS = 2


def count_kinds(lines: list[str], day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    seen: dict[str, set[str]] = {}
    for line in lines:
        kind = kind_of_line(line, day)
        if kind in ("clean", "late"):
            same_id = seen.setdefault(json.loads(line)["id"], set())
            if same_id:
                kind = "duplicate" if line in same_id else "conflict"
            same_id.add(line)
        counts[kind] += 1
    return counts


def kind_of_line(line: str, day: date) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return "broken_json"
    return _kind_of_time(record, day) or _kind_of_content(record) or "clean"


def _kind_of_time(record: dict, day: date) -> str | None:
    if "ts" not in record:
        return "missing_time"
    try:
        age = (day - datetime.fromisoformat(record["ts"]).astimezone(UTC).date()).days
    except ValueError:
        return "bad_time"
    if age < 0:
        return "future_time"
    if age > LATENESS_DAYS:
        return "too_late"
    return "late" if age else None


def _kind_of_content(record: dict) -> str | None:
    if record["type"] not in ITEM_TYPES | OTHER_TYPES:
        return "unknown_type"
    if not record.keys() & {"user", "anon", "device"}:
        return "missing_ids"
    if record["type"] in ITEM_TYPES and "item" not in record:
        return "missing_item"
    if record.get("price", 0) < 0:
        return "negative_price"
    return "zero_quantity" if record.get("qty") == 0 else None


def test_dirt_counts_are_what_a_plain_reader_finds(sample):
    for day in sample.days:
        found = count_kinds(sample.lines(day), day.day)
        assert dict(found - Counter(clean=found["clean"])) == {kind: n for kind, n in day.dirt.items() if n}
        assert found.total() == day.lines


def test_every_kind_of_dirt_occurs(sample):
    total = sum((Counter(day.dirt) for day in sample.days), Counter())
    assert set(total) == {LATE, *KINDS}
    assert min(total.values()) > 0


def test_dirt_is_the_share_that_was_asked_for(sample):
    dirt = sum(sum(day.dirt.values()) for day in sample.days)
    lines = sum(day.lines for day in sample.days)
    assert dirt / lines == pytest.approx(0.05 / 1.05, rel=0.1)


def test_dirt_table_has_a_row_for_each_day_and_kind(sample):
    rows = pq.read_table(sample.folders.truth_of("dirt")).to_pylist()
    assert rows[: len(KINDS) + 1] == [{"day": 0, "kind": kind, "lines": n} for kind, n in sample.days[0].dirt.items()]
    assert len(rows) == 30 * (len(KINDS) + 1)


def test_dirt_never_changes_a_clean_line(sample, tmp_path):
    clean = Folders(tmp_path / "log", tmp_path / "truth")
    days = generate(replace(sample.parameters, dirt=0.0), clean)
    pure = {line for day in days for line in clean.log_of(day.day).read_text().splitlines()}
    soiled = {line for day in sample.days for line in sample.lines(day)}
    missing = pure - soiled
    last_day = sample.days[-1].day.isoformat()
    # Held back on the last day: they arrive with a file that was not asked for.
    assert {json.loads(line)["ts"][:10] for line in missing} == {last_day}
    assert len(missing) < 40


def test_a_day_without_priced_rows_gets_no_bad_price():
    records = [{"id": f"{n}", "ts": "2025-01-01T10:00:00.000Z", "type": "search", "user": "u1"} for n in range(200)]
    soiled = soil(records, [], date(2025, 1, 1), 0.5, np.random.default_rng(1))
    assert soiled.counts["negative_price"] == soiled.counts["zero_quantity"] == soiled.counts["missing_item"] == 0
    assert soiled.counts["duplicate"] > 0
    assert len(soiled.lines) + len(soiled.held) == 200 + sum(soiled.counts.values())


def test_held_lines_arrive_in_the_next_file_unchanged():
    soiled = soil([], ['{"id":"a"}', '{"id":"b"}'], date(2025, 1, 2), 0.1, np.random.default_rng(1))
    assert sorted(soiled.lines) == ['{"id":"a"}', '{"id":"b"}']
    assert soiled.counts["late"] == 2


@given(hour=st.integers(0, 23), draw=st.integers(0, 2**31 - 1))
def test_a_conflict_keeps_id_and_day_and_changes_the_time(hour, draw):
    record = {"id": "a", "ts": f"2025-01-01T{hour:02d}:59:59.999Z", "type": "search"}
    bad = json.loads(KINDS["conflict"].spoil(Template(record, "b", draw)))
    assert bad["id"] == "a"
    assert bad["ts"][:10] == "2025-01-01"
    assert bad["ts"] != record["ts"]


@given(draw=st.integers(0, 2**31 - 1))
def test_a_broken_line_is_never_valid_json(draw):
    record = {"id": "a", "ts": "2025-01-01T00:00:00.000Z", "type": "search"}
    with pytest.raises(ValueError):
        json.loads(KINDS["broken_json"].spoil(Template(record, "b", draw)))
