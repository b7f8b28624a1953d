"""Rows of `champions` that a person wrote stay, whoever writes the table at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from small_app import DAY, App

from jobs.adapters.lake.arrow import empty_pandas, read_pandas
from jobs.core.errors import OvertakenError
from jobs.core.model_schemas import CHAMPIONS, PREDICTION_CHALLENGERS, RECOMMENDER_CHALLENGER
from jobs.stages import champions, promote_models
from jobs.stages.champions import CHURN, RECOMMENDER, ROLES, by_role, write_by_hand, write_no_champions


@pytest.fixture
def own(tmp_path: Path) -> App:
    """A night without challengers, after one with two champions."""
    app = App(tmp_path)
    for table in (PREDICTION_CHALLENGERS, RECOMMENDER_CHALLENGER):
        app.put(table.name, DAY, empty_pandas(table))
    old = [row(CHURN, "lgb-old", "gate"), row(RECOMMENDER, "als-old", "gate")]
    app.put(CHAMPIONS.name, DAY - timedelta(1), pd.DataFrame(old))
    return app


def row(role: str, model: str, by: str = "hand") -> dict[str, str]:
    said = {"challenger": "", "decision": "by_hand", "reason": "campaign", "numbers": "{}"}
    return {"role": role, "model": model, "kind": "single", "recipe": "{}", **said, "by": by}


def served(app: App) -> dict[str, str]:
    manifest = app.lake.require(CHAMPIONS.name, DAY, "promote_models")
    return {role: found["model"] for role, found in by_role(read_pandas(app.lake, CHAMPIONS, manifest)).items()}


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Let somebody act once after the stage has read and before it commits."""
    left = iter([act])
    monkeypatch.setattr(promote_models, "_mirror", lambda job, rows: next(left, lambda: None)())  # type: ignore[operator]


def test_persons_at_once_put_all_their_rows(own: App) -> None:
    with ThreadPoolExecutor(len(ROLES)) as persons:
        list(persons.map(lambda role: write_by_hand(own.lake, DAY, row(role, f"{role}-new")), ROLES))
    assert served(own) == {role: f"{role}-new" for role in ROLES}


def test_who_is_overtaken_every_time_is_told(own: App, monkeypatch: pytest.MonkeyPatch) -> None:
    write_by_hand(own.lake, DAY, row(CHURN, "lgb-new"))
    monkeypatch.setattr(champions, "attempt_of", lambda current: 0)
    with pytest.raises(OvertakenError, match=f"'champions' of run_date={DAY} .* als-new .* the same command again"):
        write_by_hand(own.lake, DAY, row(RECOMMENDER, "als-new"))
    assert served(own) == {CHURN: "lgb-new"}
    assert len(list((own.lake.root / CHAMPIONS.name / "data").iterdir())) == 2


@pytest.mark.parametrize("is_first", [True, False])
def test_a_row_put_while_the_gate_decides_stands(own: App, monkeypatch: pytest.MonkeyPatch, is_first: bool) -> None:
    if not is_first:
        own.run("promote_models", DAY)
    meanwhile(monkeypatch, lambda: write_by_hand(own.lake, DAY, row(RECOMMENDER, "als-new")))
    again = f"written by promote meanwhile; .* run again: nightjar promote_models --app sample --date {DAY}"
    with pytest.raises(OvertakenError, match=again):
        own.run("promote_models", DAY)
    assert served(own)[RECOMMENDER] == "als-new"
    own.run("promote_models", DAY)
    assert served(own) == {CHURN: "lgb-old", RECOMMENDER: "als-new"}


def test_copies_of_the_stage_end_well_side_by_side(own: App, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: own.run("promote_models", DAY))
    own.run("promote_models", DAY)
    assert served(own) == {CHURN: "lgb-old", RECOMMENDER: "als-old"}


def test_a_backfill_leaves_a_row_that_comes_while_it_looks(own: App, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, left = own.lake.begin, iter([True])

    def begin_late(table: str) -> object:
        if next(left, False):
            write_by_hand(own.lake, DAY, row(RECOMMENDER, "als-new"))
        return begin(table)

    monkeypatch.setattr(own.lake, "begin", begin_late)
    write_no_champions(own.lake, [DAY])
    assert served(own) == {RECOMMENDER: "als-new"}
