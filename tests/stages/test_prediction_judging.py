"""A prediction is judged on a window that its model never saw."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from jobs.core.config import load_settings
from jobs.core.config.actions import action_of
from jobs.core.errors import ModelError
from jobs.datasets.predictions import FEATURES
from jobs.stages.prediction_judging import OVER_LOGISTIC, fit, judge
from jobs.stages.prediction_tasks import recipe_of, task_of
from tests.models.predictions.observed import observed_users

SETTINGS = load_settings("sample", overrides={"predictions.n_draws": 200})


def rows_of(n: int = 300) -> pd.DataFrame:
    parts = []
    for seed, split in enumerate(("train", "holdout")):
        features, target, users = observed_users(n, seed=seed)
        parts.append(
            features.assign(
                target=target, order_target=target, user_id=users, split=split, cut=date(2025, 2, 1 + seed)
            )
        )
    return pd.concat(parts, ignore_index=True).assign(segment="active", country="NL", platform="web")


def test_the_holdout_is_judged_beside_the_regression_by_group_and_with_intervals() -> None:
    judged = judge(task_of("churn", SETTINGS), recipe_of(SETTINGS), rows_of(), SETTINGS)
    assert judged is not None
    metrics = judged.metrics
    assert metrics["auc"] > 0.8
    assert metrics["auc_low"] < metrics["auc"] < metrics["auc_high"]
    assert metrics[OVER_LOGISTIC] >= 0
    assert {"country.NL.auc", "precision_at_budget", "lift_top_decile", "ece"} <= set(metrics)
    assert len(judged.told) == 300


def test_a_group_of_fewer_users_has_the_wider_interval() -> None:
    rows = rows_of().assign(country=["NL", "BE", "BE", "BE", "BE"] * 120)
    judged = judge(task_of("churn", SETTINGS), recipe_of(SETTINGS), rows, SETTINGS)
    assert judged is not None
    metrics = judged.metrics
    assert metrics["country.NL.auc_low"] < metrics["country.NL.auc"] < metrics["country.NL.auc_high"]
    of_all, of_few = (metrics[f"{name}auc_high"] - metrics[f"{name}auc_low"] for name in ("", "country.NL."))
    assert of_all < of_few


def test_labels_of_the_holdout_do_not_move_what_is_predicted() -> None:
    rows = rows_of()
    turned = rows.assign(target=np.where(rows["split"] == "holdout", 1 - rows["target"], rows["target"]))
    task, recipe = task_of("churn", SETTINGS), recipe_of(SETTINGS)
    train, holdout = (rows[rows["split"] == split] for split in ("train", "holdout"))
    # Which of the two is served the holdout may say, and nothing else.
    models = [fit(task, recipe, train, kinds) for kinds in (None, ["logistic"])]
    may_be = [model.predict(holdout[list(FEATURES)])[:, 0] for model in models]
    for given in (rows, turned):
        judged = judge(task, recipe, given, SETTINGS)
        assert judged is not None
        assert any(np.array_equal(judged.told, told) for told in may_be)


def test_trees_that_a_holdout_cannot_tell_from_the_regression_are_not_served() -> None:
    task, recipe, rows = task_of("value", SETTINGS), recipe_of(SETTINGS), rows_of()
    # Only who has been away for a while brings anything: no line says so.
    brings = rows["days_since_event"].between(20, 40) & (rows["split"] == "train")
    rows = rows.assign(target=np.where(brings, 50.0, 0.0), order_target=np.where(brings, 50.0, 0.0))
    assert fit(task, recipe, rows[rows["split"] == "train"]).kind != "logistic"
    judged = judge(task, recipe, rows, SETTINGS)
    assert judged is not None
    assert judged.kinds == ("logistic",), "nobody brings anything in the holdout, so both order users equally well"


def test_without_a_window_to_look_at_nothing_is_judged() -> None:
    rows = rows_of()
    assert judge(task_of("churn", SETTINGS), recipe_of(SETTINGS), rows[rows["split"] == "holdout"], SETTINGS) is None


def test_a_holdout_of_one_class_says_so() -> None:
    rows = rows_of()
    rows.loc[rows["split"] == "holdout", "target"] = 1.0
    with pytest.raises(ModelError, match="the holdout cannot judge it"):
        judge(task_of("churn", SETTINGS), recipe_of(SETTINGS), rows, SETTINGS)


def test_the_first_rule_that_holds_gives_the_action() -> None:
    rules = SETTINGS.predictions.actions
    assert action_of(rules, "churn", {"churn": 0.7, "value": 60.0}) == "call_or_offer"
    assert action_of(rules, "churn", {"churn": 0.7}) == "win_back_message"
    assert action_of(rules, "churn", {"churn": 0.6, "value": 60.0}) == ""
    assert action_of(rules, "value", {"churn": 0.1, "value": float("nan")}) == ""
