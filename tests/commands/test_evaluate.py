"""`nightjar evaluate`: what it asks for, prints and writes; training is another's to test."""

import argparse
import json
from datetime import date
from pathlib import Path

import pytest

from jobs.__main__ import main
from jobs.commands.evaluate import days
from jobs.evaluation.bootstrap import Estimate
from jobs.evaluation.evaluation import Evaluation, Row
from jobs.models.surfaces.limit_costs import LimitCost
from jobs.stages import evaluate_recommender

ASKED = ["evaluate", "--app", "sample", "--no-log", "--cut", "2025-02-14"]


@pytest.fixture
def asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[date, int]]:
    """What the stage was asked for; it answers with one method."""
    calls = []

    def evaluate_at(settings, lake, cut, horizon_days):
        calls.append((cut, horizon_days))
        estimates = {"ndcg_at_10": Estimate(0.25, 0.2, 0.3)}
        row = Row("for_you", "popularity", "source", "all", 7, estimates, {"coverage_at_10": 0.5}, {})
        best = {"for_you": "popularity"}
        told = Evaluation(settings.app, cut, horizon_days, "ndcg_at_10", 0.95, 100, 7, best, (row,))
        costs = [LimitCost("none", "", 0.25, 0.0), LimitCost("diversity", "0.3", 0.24, -0.01)]
        return evaluate_recommender.Evaluated(told, {}, {"for_you": costs})

    monkeypatch.setattr(evaluate_recommender, "evaluate_at", evaluate_at)
    return calls


def test_prints_the_table_and_writes_all_numbers(asked, capsys, tmp_path):
    out = tmp_path / "new" / "evaluation.json"
    assert main([*ASKED, "--horizon", "30d", "--out", str(out)]) == 0
    assert asked == [(date(2025, 2, 13), 30)]
    shown = capsys.readouterr().out
    assert "0.250 (0.200–0.300)" in shown  # noqa: RUF001  # an en dash, as the table has
    assert "diversity" in shown
    told = json.loads(out.read_text())
    assert (told["cut"], told["horizon_days"], told["rows"][0]["n_users"]) == ("2025-02-13", 30, 7)
    assert told["limits"]["for_you"][1]["difference"] == -0.01


def test_the_horizon_is_that_of_the_settings_by_default(asked, monkeypatch):
    monkeypatch.setenv("NIGHTJAR__RECOMMENDER__HORIZON_DAYS", "21")
    main(ASKED)
    assert asked == [(date(2025, 2, 13), 21)]


def test_a_file_that_cannot_be_written_is_named(asked, tmp_path, caplog):
    (tmp_path / "file").touch()
    assert main([*ASKED, "--out", str(tmp_path / "file" / "x.json")]) == 8
    assert "cannot write" in caplog.text
    assert "name another file with --out" in caplog.text


@pytest.mark.parametrize(("text", "number"), [("30d", 30), ("7", 7), (" 14d ", 14)])
def test_days_are_told_with_or_without_a_d(text, number):
    assert days(text) == number


@pytest.mark.parametrize("text", ["0d", "-3d", "2w", "", "d"])
def test_other_horizons_are_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is no number of days; write it as 30d"):
        days(text)


def test_a_cut_without_a_night_is_told(home, caplog):
    assert main(ASKED) == 5
    assert "user_status" in caplog.text
    assert main([*ASKED[:-1], "1999-01-01"]) == 2
    assert "before the app's first day" in caplog.text
