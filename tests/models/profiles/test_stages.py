"""Stages by rule."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_worlds import PROFILES
from pydantic import ValidationError

from jobs.core.config.profiles import STAGE_FACTS, Bounds, ProfileSettings, StageRule
from jobs.models.profiles.stages import build_stages

USUAL = {"tenure_days": 200, "days_since_event": 2, "n_active_days": 40, "n_active_days_28d": 5, "mean_gap_days": 4.0}


def activity(*rows: dict[str, float | None]) -> pd.DataFrame:
    known = [name for name in STAGE_FACTS if name != "gaps_since_event"]
    told = [{**dict.fromkeys(known, 0), **USUAL, **row} for row in rows]
    return pd.DataFrame(told).assign(user_id=[f"u{number}" for number in range(len(rows))])


def stage_of(**changes: float | None) -> str:
    return str(build_stages(activity(changes), PROFILES.stages)["stage"][0])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "regular"),
        ({"tenure_days": 0, "days_since_event": 0, "n_active_days": 1, "mean_gap_days": None}, "new"),
        ({"tenure_days": 7}, "activating"),
        ({"n_active_days": 3}, "activating"),
        ({"n_active_days_28d": 10}, "power"),
        ({"n_active_days_28d": 6, "n_purchases_90d": 5}, "power"),
        ({"days_since_event": 10}, "slipping"),
        ({"days_since_event": 10, "mean_gap_days": 9.0}, "regular"),
        ({"days_since_event": 28}, "lost"),
        ({"days_since_event": 28, "mean_gap_days": 20.0}, "regular"),
        ({"days_since_event": 45, "mean_gap_days": 40.0}, "lost"),
        ({"days_since_event": 45, "mean_gap_days": None}, "lost"),
        ({"days_since_event": 30, "mean_gap_days": None}, "regular"),
        ({"days_since_event": 12, "mean_gap_days": 0.1}, "slipping"),
    ],
)
def test_stages_of_the_configuration(changes: dict[str, float | None], expected: str) -> None:
    assert stage_of(**changes) == expected


def test_the_first_rule_that_holds_counts_and_is_told() -> None:
    rules = (
        StageRule(stage="power", when={"n_purchases": Bounds(at_least=1, below=3)}),
        StageRule(stage="new", when={"n_purchases": Bounds(at_least=2)}),
        StageRule(stage="lost", when={}),
    )
    found = build_stages(activity({"n_purchases": 0}, {"n_purchases": 2}, {"n_purchases": 3}), rules)

    assert found["stage"].tolist() == ["lost", "power", "new"]
    assert found["rule"].tolist() == [3, 1, 2]
    assert found["user_id"].tolist() == ["u0", "u1", "u2"]


@given(st.lists(st.tuples(*[st.integers(0, 400)] * 3, st.none() | st.floats(0.1, 300)), max_size=20))
def test_everybody_has_one_stage(rows: list[tuple[int, int, int, float | None]]) -> None:
    names = ("tenure_days", "days_since_event", "n_active_days", "mean_gap_days")
    frame = activity(*(dict(zip(names, row, strict=True)) for row in rows)) if rows else activity({})[:0]
    found = build_stages(frame, PROFILES.stages)

    assert found["user_id"].tolist() == frame["user_id"].tolist()
    assert found["stage"].notna().all()


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([{"stage": "regular", "when": {"luck": {"below": 1}}}], "a rule cannot ask luck"),
        ([{"stage": "regular", "when": {"trend": {"below": 1}}}], "the last rule must hold for everybody"),
        ([], "the last rule must hold for everybody"),
        ([{"stage": "whale", "when": {}}], "Input should be 'new'"),
        ([{"stage": "regular", "when": {"trend": {}}}], "give at_least, below or both"),
    ],
)
def test_wrong_rules_are_refused(stages: list[object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ProfileSettings.model_validate({**PROFILES.model_dump(), "stages": stages})
