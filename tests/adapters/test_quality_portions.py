"""Whatever part of a frame an expectation is asked of, the audit finds the same."""

import json
from datetime import date
from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
import pytest
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import filled, in_range, in_set, named, unique_together
from jobs.adapters.quality import Audit, audit, portions
from jobs.adapters.quality.engine import validate
from jobs.core.config import load_settings
from jobs.core.output_schemas import RECOMMENDATIONS

DAYS = [date(2025, 3, day) for day in (1, 2, 3)]
SETTINGS = load_settings("sample")
RANKS = 20


def recommendations(**changes: Any) -> pd.DataFrame:
    """One row per entity, run date and rank; `changes` are values by row, of a column."""
    entities = ("user", "everybody")
    rows: dict[str, Any] = {
        "run_date": np.repeat(np.array(DAYS, dtype=object), RANKS * len(entities)),
        "entity": np.tile(np.repeat(np.array(entities, dtype=object), RANKS), len(DAYS)),
        "rank": np.tile(np.arange(1, RANKS + 1), len(DAYS) * len(entities)),
    }
    frame = pd.DataFrame(rows).assign(key="all", surface="for_you", score=0.5, reason="popular", anchor="")
    frame = frame.assign(item_id="i" + frame["rank"].astype(str).astype(object), source="als", model="als-1")
    for name, values in changes.items():
        frame[name] = frame[name].astype(object) if isinstance(next(iter(values.values())), str) else frame[name]
        frame.loc[list(values), name] = list(values.values())
    return frame[["run_date", *RECOMMENDATIONS.column_names]]


def audited(frame: pd.DataFrame) -> Audit:
    return audit(frame, RECOMMENDATIONS, SETTINGS, DAYS)


BROKEN = {
    "nothing": recommendations(),
    "unknown words": recommendations(surface={3: "x", 5: "y", 50: "x"}, reason={7: "because"}),
    "empty texts": recommendations(item_id={2: "", 90: ""}, key={1: ""}),
    "missing texts": recommendations(item_id={2: None}, anchor={4: None, 44: np.nan}),
    "no anchor": recommendations(reason={3: "similar_to", 4: "similar_to"}, anchor={4: "i9"}),
    "ranks": recommendations(rank={3: 0, 4: 0, 60: 10**6}),
    "scores": recommendations(score={3: np.inf, 4: np.nan}),
    "twice": pd.concat([recommendations(), recommendations().iloc[[3, 3, 50]]]),
    "nobody": recommendations().query("entity != 'everybody'"),
    "a number among texts": recommendations().assign(model=lambda rows: rows["model"].where(rows.index != 7, 1)),
    "a category": recommendations().astype({"model": "category"}),
    "texts for numbers": recommendations().assign(score="much"),
    "a column less": recommendations().drop(columns="model"),
    "a column more": recommendations().assign(more=1),
}


@pytest.mark.parametrize("frame", BROKEN.values(), ids=BROKEN)
def test_the_audit_of_a_large_frame_finds_what_that_of_a_small_one_does(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = audited(frame)
    monkeypatch.setattr(portions, "SMALL", 0)
    in_portions = audited(frame)
    assert in_portions.failures == whole.failures
    assert json.dumps(in_portions.document) == json.dumps(whole.document)


def shapes(frame: pd.DataFrame, *suite: Any) -> list[tuple[list[str], int]]:
    """Columns and rows of the portions that give a yes or no."""
    return [(list(portion.columns), len(portion)) for portion, _ in portions.telling_rows(frame, suite)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setattr(portions, "SMALL", 0)
    return recommendations()


def test_different_texts_and_whole_numbers_stand_once(large: pd.DataFrame) -> None:
    suite = [filled("model", "why"), in_set("entity", ["user"], "why"), in_range("rank", "why", low=1)]
    assert shapes(large, *suite) == [(["model"], 1), (["entity"], 2), (["rank"], RANKS)]


def test_all_rows_stand_where_their_number_counts(large: pd.DataFrame) -> None:
    share = gxe.ExpectColumnValuesToBeInSet(
        column="entity", value_set=["user"], mostly=0.5, severity="critical", meta=named("share", "why")
    )
    key = unique_together("key", ["entity", "rank"], "why")
    assert shapes(large, share, key) == [(["entity"], len(large)), (["run_date", "entity", "rank"], len(large))]
    assert [result.success for result in validate(large, [share, key])] == [True, True]


def test_of_objects_that_only_compare_equal_each_is_asked(large: pd.DataFrame) -> None:
    large["model"] = pd.Series([1, True] * (len(large) // 2), index=large.index, dtype=object)
    ones = gxe.ExpectColumnValuesToBeInTypeList(
        column="model", type_list=["int64"], severity="critical", meta=named("ones", "why")
    )
    assert shapes(large, ones) == [(["model"], len(large))]


def test_a_condition_brings_its_columns(large: pd.DataFrame) -> None:
    both = (Column("entity") == "user") & Column("anchor").is_null()
    expectation = gxe.ExpectColumnValuesToNotBeNull(
        column="model", row_condition=both, severity="critical", meta=named("both", "why")
    )
    assert shapes(large, expectation) == [(["model", "entity", "anchor"], 2)]


def test_what_is_not_understood_is_asked_of_the_whole_frame(large: pd.DataFrame) -> None:
    rows = gxe.ExpectTableRowCountToBeBetween(min_value=1, severity="critical", meta=named("rows", "why"))
    absent = filled("absent", "why")
    assert shapes(large, rows, absent) == [(list(large.columns), len(large))]
