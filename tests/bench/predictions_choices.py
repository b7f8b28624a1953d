"""Online Retail: what the settings of churn were chosen by, on cuts whose windows end before the test window begins.

Each cut is judged as the stage judges its holdout: by a model of what was known at it. The last label that is read
is of the day before the test window.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from jobs.core.config.model import Settings
from jobs.datasets.predictions import PREDICTIONS, all_cuts, before_holdout, build
from jobs.evaluation.classification import compute_auc
from jobs.stages.prediction_judging import fit
from jobs.stages.prediction_tasks import recipe_of, task_of
from tests.bench.retail_days import CUT, RECENT_DAYS

CUTS = tuple(date(2011, 6, 11) - timedelta(10 * n) for n in range(4))
CHURN = "churn"


def judge_choices(read: Callable[[date], pd.DataFrame], daily: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """AUC at each cut of all who ever bought and of the active, by what the order of users was learned from.

    Parameters
    ----------
    read
        `user_activity` at a cut.
    daily
        Rows of `user_daily`; those after the day before the test window are not looked at.
    settings
        Of the app.
    """
    known = daily[daily["event_day"] <= CUT]
    found: dict[str, Any] = {}
    for name, days in (("whole_window", None), ("shorter_window", settings.churn.order_days)):
        own = settings.model_copy(update={"churn": settings.churn.model_copy(update={"order_days": days})})
        for cut in CUTS:
            every, active = _judge(read, known, own, cut)
            found |= {f"choice.{name}.{cut}.all.auc": every, f"choice.{name}.{cut}.active.auc": active}
        for group in ("all", "active"):
            values = [found[f"choice.{name}.{cut}.{group}.auc"] for cut in CUTS]
            found[f"choice.{name}.mean.{group}.auc"] = float(np.mean(values))
    return found


def _judge(
    read: Callable[[date], pd.DataFrame], daily: pd.DataFrame, settings: Settings, cut: date
) -> tuple[float, float]:
    day = cut + timedelta(settings.churn.horizon_days + settings.max_late_days)
    features = {each: read(each) for each in all_cuts(settings, day) if each <= cut}
    rows = build(PREDICTIONS[CHURN], features, daily, settings, day)
    model = fit(task_of(CHURN, settings), recipe_of(settings), _train(rows, settings))
    holdout = rows[(rows["split"] == "holdout") & rows["days_since_intent"].notna()]
    told = model.predict(holdout[model.features])[:, 0]
    label, active = (holdout["target"] > 0).to_numpy(), (holdout["days_since_intent"] < RECENT_DAYS).to_numpy()
    return compute_auc(label, told), compute_auc(label[active], told[active])


def _train(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    return before_holdout(rows, settings.churn.order_days, settings.max_late_days)
