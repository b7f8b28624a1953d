"""Stage score_users: what the champions predict of every active user."""

import logging

import pandas as pd

from jobs.adapters.tracking.open import open_tracking
from jobs.core.output_schemas import PREDICTIONS
from jobs.datasets.churn_training import FEATURES
from jobs.features import user_activity
from jobs.models.churn import ChurnModel
from jobs.stages.champions import CHURN, champion_of
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `predictions`; none where there is no champion yet."""
    champion = champion_of(job, CHURN, job.night.run_date)
    if champion is None:
        log.warning("no churn champion yet: nothing is predicted tonight")
        job.write_pandas(PREDICTIONS, pd.DataFrame(columns=list(PREDICTIONS.column_names)))
        return
    activity = job.read_pandas(user_activity.SPEC.table)
    recent = activity["days_since_event"] < job.night.settings.activity.days
    active = activity[recent & ~activity["user_id"].isin(deleted_users(job))]
    folder = open_tracking(job.night.settings, job.home).load_folder(CHURN, champion.model)
    features = active[list(FEATURES)].astype("float64")
    probability = ChurnModel.load(folder).predict_proba(features).round(6)
    rows = pd.DataFrame(
        {
            "user_id": active["user_id"],
            "prediction": CHURN,
            "probability": probability,
            "model": champion.model,
        }
    )
    job.write_pandas(PREDICTIONS, rows)
