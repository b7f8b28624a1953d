"""The MLflow run of an evaluation by hand: the table, the pictures, and a child run for every method."""

from dataclasses import asdict

import pandas as pd

from jobs.adapters.tracking.records import EvaluationRun, SourceRun, flat_params
from jobs.core.fingerprint import hash_of
from jobs.evaluation.evaluation_numbers import flat_metrics, records
from jobs.evaluation.evaluation_plots import plot_all
from jobs.stages.evaluate_recommender import Evaluated


def build_evaluation_run(found: Evaluated, code_commit: str) -> EvaluationRun:
    """What is kept of an evaluation.

    Parameters
    ----------
    found
        Its numbers; they name no user.
    code_commit
        Of the code that ran.
    """
    evaluation, recipe = found.evaluation, found.recipe
    asked = {"cut": str(evaluation.cut), "horizon_days": evaluation.horizon_days, "metric": evaluation.metric}
    methods = list(dict.fromkeys(row.method for row in evaluation.rows))
    leading = evaluation.leading(evaluation.surfaces[0], len(methods))[0].method
    best = {f"best_single_{surface}": name for surface, name in evaluation.best_single.items()}
    return EvaluationRun(
        content_name=f"evaluation-{evaluation.cut}-{evaluation.horizon_days}d-{hash_of(dict(recipe))[:8]}",
        params=flat_params({**asked, **recipe}),
        metrics=flat_metrics(evaluation, leading),
        tags={"cut": str(evaluation.cut), "leading": leading, **best, "code_commit": code_commit},
        sources=[SourceRun(name, {}, flat_metrics(evaluation, name)) for name in methods],
        tables={
            "evaluation/metrics": pd.DataFrame(records(evaluation)),
            "evaluation/limits": pd.DataFrame(
                [{"surface": surface, **asdict(cost)} for surface, costs in found.limits.items() for cost in costs]
            ),
        },
        texts={"evaluation/evaluation.json": found.to_json()},
        pictures=plot_all(evaluation),
    )
