"""Figures of predictions at one cut, beside what simpler ways know of the same users."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from jobs.core.config.model import Settings
from jobs.datasets.labels import churn, conversion, return_visit, value
from jobs.evaluation.amounts import compute_gini
from jobs.evaluation.bootstrap import compare_pair
from jobs.evaluation.classification import compute_auc, compute_classification, compute_ece
from jobs.models.predictions.rhythm import Days, Rhythm
from tests.bench.retail_days import CUT, Judged

Floats = npt.NDArray[np.float64]
DRAWS, CONFIDENCE, SEED = 2_000, 0.95, 7


def judge_churn(told: pd.DataFrame, judged: Judged, days: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Everybody and the active; days since the last purchase and BG/NBD beside the prediction."""
    users, horizon = judged.rows.index, settings.churn.horizon_days
    label = churn.build(users.to_series(), days, CUT, horizon)
    own = told["probability"].reindex(users)
    # Whom the pipeline says nothing of is given the mean: counted, not left out.
    score = own.fillna(own.mean()).to_numpy(dtype=np.float64)
    others = {"bgnbd": -_bgnbd(judged, horizon), "silence": _ago(judged.rows["last"])}
    found: dict[str, Any] = {"churn.model": told["model"].iloc[0]}
    for name, group in (("all", np.ones(len(users), dtype=np.bool_)), ("active", judged.active)):
        happened, said = label[group], score[group]
        metrics = compute_classification(happened, said)
        found |= {f"churn_{name}.{metric}": each for metric, each in metrics.items()}
        found |= {
            f"churn_{name}.users": int(group.sum()),
            f"churn_{name}.users_unscored": int(own[group].isna().sum()),
            f"churn_{name}.ece_after_intercept_shift_diagnostic": compute_ece(
                happened > 0, _with_rate(said, happened.mean())
            ),
            **{f"{other}_{name}.auc": compute_auc(happened > 0, each[group]) for other, each in others.items()},
        }
    return found


def judge_value(told: pd.DataFrame, judged: Judged, days: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """The order of users beside that of their last 90 days, and how many lie in their interval."""
    users, own = judged.rows.index, settings.predictions.value
    came = value.build(users.to_series(), days, CUT, own.horizon_days)
    said = told.reindex(users)
    expected = said["expected"].fillna(0.0).to_numpy(dtype=np.float64)
    inside = ((came >= said["low"]) & (came <= said["high"]))[said["low"].notna()]
    gini, base = compute_gini(came, expected), compute_gini(came, judged.rows["recent_revenue"].to_numpy())
    return {
        "value.gini": gini,
        "value.gini_of_recent_revenue": base,
        "value.gini_over_baseline": gini / base,
        "value.mae": float(np.abs(came - expected).mean()),
        "value.coverage": float(inside.mean()),
        "value.coverage_asked": own.coverage,
        "value.mean_predicted": float(expected.mean()),
        "value.mean_observed": float(came.mean()),
    }


def judge_over_base_rate(
    told: dict[str, pd.DataFrame], training: pd.DataFrame, segments: pd.Series, days: pd.DataFrame, settings: Settings
) -> dict[str, Any]:
    """Log-loss of conversion and of each window of return, less than that of the segment's share in training?"""
    own, found = settings.predictions, {}
    goal = conversion.build(
        told["conversion"].index.to_series(), days, CUT, own.conversion.horizon_days, own.conversion.goal
    )
    rows = training[training["prediction"] == "conversion"]
    found |= _beside("conversion", told["conversion"]["probability"], goal, rows, rows["target"] > 0, segments)
    returned, lengths = told["return_visit"], own.return_visit.days
    gap = return_visit.build(returned.index.to_series(), days, CUT, lengths[-1])
    rows = training[training["prediction"] == "return_visit"]
    curve = np.array(returned["curve"].tolist())
    for place, length in enumerate(lengths):
        said = pd.Series(curve[:, place], index=returned.index)
        came = (gap <= length).astype(np.float64)
        found |= _beside(f"return_{length}d", said, came, rows, rows["target"] <= length, segments)
    return found


def _beside(
    name: str, said: pd.Series, came: Floats, rows: pd.DataFrame, happened: pd.Series, segments: pd.Series
) -> dict[str, Any]:
    if len(np.unique(came)) < 2:
        return {f"{name}.not_judged": "one class only in the window that judges"}
    shares = happened.astype(np.float64).groupby(rows["segment"]).mean()
    base = segments.reindex(said.index).map(shares).fillna(float(happened.mean())).to_numpy(dtype=np.float64)
    losses = [_losses(came, each.clip(1e-4, 1 - 1e-4)) for each in (base, said.to_numpy(dtype=np.float64))]
    paired = compare_pair(losses[0], losses[1], DRAWS, SEED, CONFIDENCE)
    return {
        f"{name}.log_loss": float(losses[1].mean()),
        f"{name}.log_loss_of_base_rate": float(losses[0].mean()),
        f"{name}.gain": paired.difference,
        f"{name}.gain_low": paired.low,
        f"{name}.gain_high": paired.high,
        f"{name}.auc": compute_auc(came > 0, said.to_numpy(dtype=np.float64)),
    }


def _losses(came: Floats, said: Floats) -> Floats:
    return np.asarray(-np.log(np.where(came > 0, said, 1.0 - said)))


def _bgnbd(judged: Judged, horizon: int) -> Floats:
    """Purchases that BG/NBD expects, fitted on the days of purchases of those whom it is asked of."""
    silence, age = _ago(judged.rows["last"]), _ago(judged.rows["first"])
    days = Days(judged.rows["n_days"].to_numpy(dtype=np.float64) - 1, age - silence, age)
    return Rhythm.fit(days).expected(days, horizon)


def _ago(days: pd.Series) -> Floats:
    """Shape (n,): days to the first day of the test window."""
    return np.array([(CUT - day).days + 1.0 for day in days if isinstance(day, date)])


def _with_rate(said: Floats, rate: float) -> Floats:
    """The same log-odds, moved together so that their mean is the rate: a diagnostic, never served."""
    odds = logit(said)
    return np.asarray(expit(odds + brentq(lambda by: float(expit(odds + by).mean()) - rate, -10, 10)))
