"""An evaluation by hand has a run with children, apart from the nights and from every model."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import KIND, KIND_EVALUATION, Runs
from jobs.adapters.tracking.tracking import Tracking
from jobs.evaluation.bootstrap import Estimate, Paired
from jobs.evaluation.evaluation import Evaluation, Row
from jobs.models.surfaces.limit_costs import LimitCost
from jobs.stages.evaluate_recommender import Evaluated
from jobs.stages.evaluation_run import build_evaluation_run

ABOVE = Paired(0.4, 0.2, 0.2, 0.1, 0.3, 1.0, 0.5, 1.5)
RECIPE = {"sources": {"als": {"factors": 8}, "popularity": {}}, "ranker": {"num_leaves": 7}, "seed": 7}


def row(method, kind, value, beside):
    names = [f"{name}_at_10" for name in ("ndcg", "recall", "map", "mrr", "hit_rate")]
    estimates = {name: Estimate(value, value - 0.1, value + 0.1) for name in names}
    return Row("for_you", method, kind, "all", 50, estimates, {"coverage_at_10": 0.5}, beside)


@pytest.fixture
def evaluation():
    rows = (row("two_stage", "ranker", 0.4, {"ndcg_at_10": ABOVE}), row("popularity", "source", 0.2, {}))
    best = {"for_you": "popularity"}
    told = Evaluation("shop", date(2025, 3, 3), 14, "ndcg_at_10", 0.95, 100, 7, best, rows)
    return Evaluated(told, RECIPE, {"for_you": [LimitCost("none", "", 0.4, 0.0)]})


def test_the_record_says_what_was_asked_and_what_led(evaluation):
    record = build_evaluation_run(evaluation, "abc")
    assert record.content_name.startswith("evaluation-2025-03-03-14d-")
    assert record.content_name == build_evaluation_run(evaluation, "other").content_name
    assert record.params["sources.als.factors"] == 8
    assert record.params["horizon_days"] == 14
    assert record.metrics["for_you/ndcg_at_10_over_best_single"] == 2
    assert record.tags["leading"] == "two_stage"
    assert record.tags["best_single_for_you"] == "popularity"
    assert [source.name for source in record.sources] == ["two_stage", "popularity"]
    assert set(record.pictures) == {"for_you_methods", "for_you_by_activity", "for_you_lift_over_popularity"}
    assert len(record.tables["evaluation/metrics"]) == 12


def test_it_is_logged_apart_from_the_nights(evaluation, tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    run_id = Tracking(uri, "shop", tmp_path / "cache").log_evaluation(build_evaluation_run(evaluation, ""))
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("shop/evaluation")
    runs = {run.info.run_id: run for run in client.search_runs([experiment.experiment_id])}
    assert runs[run_id].data.tags[KIND] == KIND_EVALUATION
    assert runs[run_id].data.metrics["for_you/ndcg_at_10"] == 0.4
    children = [run for run in runs.values() if run.data.tags.get("mlflow.parentRunId") == run_id]
    assert sorted(run.info.run_name for run in children) == ["popularity", "two_stage"]
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    files = {file.path for file in client.list_artifacts(run_id, "evaluation")}
    assert files == {"evaluation/metrics.csv", "evaluation/limits.csv", "evaluation/evaluation.json"}
    assert not client.search_registered_models()


def test_what_a_killed_one_left_is_ended_by_the_next_whatever_it_asks(evaluation, tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    tracking, client = Tracking(uri, "shop", tmp_path / "cache"), MlflowClient(uri)
    code = (
        "import os, signal, sys\n"
        "from mlflow.tracking import MlflowClient\n"
        "from jobs.adapters.tracking.runs import Runs\n"
        "runs = Runs(MlflowClient(sys.argv[1]), 'shop', 'evaluation', None)\n"
        "runs._start('evaluation-2025-01-01-30d-0a1b2c3d', 'evaluation', 'evaluation', {})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    killed = subprocess.run([sys.executable, "-c", code, uri], env=environment, check=False, cwd=tmp_path)
    assert killed.returncode == -signal.SIGKILL
    tracking.log_evaluation(build_evaluation_run(evaluation, ""))
    experiment = client.get_experiment_by_name("shop/evaluation")
    statuses = [run.info.status for run in client.search_runs([experiment.experiment_id])]
    assert sorted(statuses) == ["FINISHED", "FINISHED", "FINISHED", "KILLED"]


def test_one_that_lives_beside_another_ends_well(evaluation, tmp_path, monkeypatch):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    tracking, client = Tracking(uri, "shop", tmp_path / "cache"), MlflowClient(uri)
    record, log_source, left = build_evaluation_run(evaluation, ""), Runs._log_source, iter([True])

    def log_beside(self, run_id, parent, source):
        if next(left, False):
            tracking.log_evaluation(record)
        log_source(self, run_id, parent, source)

    monkeypatch.setattr(Runs, "_log_source", log_beside)
    tracking.log_evaluation(record)
    experiment = client.get_experiment_by_name("shop/evaluation")
    assert [run.info.status for run in client.search_runs([experiment.experiment_id])] == ["FINISHED"] * 6
