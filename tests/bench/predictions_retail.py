"""Online Retail: the predictions of a real night, held against the raw files.

The night is that of the last day before the cut, run as processes: what it knows ends there. Rule, fixed before the
window was read: the app's settings as they stand in `conf/`, cuts by `jobs.datasets.predictions.label_cuts`, that is
2011-06-11 and every `churn.cut_step_days` before it. Nothing here tunes anything.
"""

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.home import Home
from jobs.core.output_schemas import PREDICTIONS
from jobs.evaluation.amounts import compute_gini
from jobs.evaluation.classification import compute_auc, compute_ece
from tests.bench.bgnbd import Buyers, expected_purchases, fit
from tests.bench.processes import measure

APP = "online_retail"
FIRST, LAST = date(2010, 12, 1), date(2011, 9, 9)
CUT, DAYS = pd.Timestamp("2011-09-10"), 90
NIGHT = ("train_predictions", "promote_models", "score_users")
USERS, ACTIVE = 3_370, 1_907
"""Who ever bought before the cut, and who did in the 90 days before it."""


@dataclass(frozen=True)
class Truth:
    """One row per user who bought before the cut, by id: what came after it and what the baselines know."""

    rows: pd.DataFrame


def run_online_retail(root: Path, data: Path) -> dict[str, Any]:
    """Back-fill, run the night, and judge."""
    truth = read_truth(data)
    home = root / "work" / "predictions_retail"
    environment = {**os.environ, "NIGHTJAR_HOME": str(home), "NIGHTJAR__LOG__PATH": str(data.resolve())}
    log = home / "stderr.log"

    def run(*arguments: str) -> float:
        command = [sys.executable, "-m", "jobs", arguments[0], "--app", APP, *arguments[1:]]
        return measure(command, environment, log).seconds

    run("backfill", "--from", str(FIRST), "--to", str(LAST), "--tables-only")
    seconds = sum(run(stage, "--date", str(LAST), "--again") for stage in NIGHT)
    lake = Lake(Home(home, APP).lake)
    told = read_pandas(lake, PREDICTIONS, lake.require(PREDICTIONS.name, LAST, "score_users"))
    return {"online_retail.night_seconds": seconds, **judge(truth, told)}


def read_truth(folder: Path) -> Truth:
    """Read the files and count.

    Raises
    ------
    ValueError
        If the counts are not those that the figures are about.
    """
    files = sorted(folder.glob("*.csv"))
    raw = pd.concat((pd.read_csv(file, dtype=str, keep_default_na=False) for file in files), ignore_index=True)
    raw = raw[raw["CustomerID"] != ""].drop_duplicates()
    user = raw["CustomerID"].str.removesuffix(".0")
    amount = raw["Quantity"].astype(int) * raw["UnitPrice"].astype(float)
    is_sale = (amount > 0) & ~raw["InvoiceNo"].str.startswith("C")
    day = pd.to_datetime(raw["InvoiceDate"]).dt.normalize()
    table = pd.DataFrame({"user": user, "day": day, "amount": amount, "sale": is_sale})
    before, after = (
        table[table["day"] < CUT],
        table[(table["day"] >= CUT) & (table["day"] < CUT + pd.Timedelta(DAYS, "D"))],
    )
    days = (
        before[before["sale"]][["user", "day"]].drop_duplicates().groupby("user")["day"].agg(["min", "max", "count"])
    )
    spent = after.groupby("user")["amount"].sum().clip(lower=0)
    recent = before[before["day"] >= CUT - pd.Timedelta(DAYS, "D")].groupby("user")["amount"].sum()
    rows = pd.DataFrame(
        {
            "churned": ~days.index.isin(after[after["sale"]]["user"]),
            "revenue": spent.reindex(days.index).fillna(0.0),
            "recent_revenue": recent.reindex(days.index).fillna(0.0),
            "silence": (CUT - days["max"]).dt.days,
            "repeats": days["count"] - 1.0,
            "recency": (days["max"] - days["min"]).dt.days.astype(float),
            "age": (CUT - days["min"]).dt.days.astype(float),
        },
        index=days.index,
    )
    found = len(rows), int((rows["silence"] <= DAYS).sum())
    if found != (USERS, ACTIVE):
        raise ValueError(f"{folder}: {found} users, not {(USERS, ACTIVE)}; are all files there?")
    return Truth(rows)


def judge(truth: Truth, told: pd.DataFrame) -> dict[str, Any]:
    """Figures of churn for both populations, of BG/NBD, and of value."""
    rows = truth.rows
    buyers = Buyers(rows["repeats"].to_numpy(), rows["recency"].to_numpy(), rows["age"].to_numpy())
    rows = rows.assign(bgnbd=-expected_purchases(fit(buyers), buyers, DAYS))
    by_name = {name: part.set_index("user_id") for name, part in told.groupby("prediction")}
    found: dict[str, Any] = {}
    for name, part in (("all", rows), ("active", rows[rows["silence"] <= DAYS])):
        label = part["churned"].to_numpy()
        # Whom the pipeline knows nothing of is given the mean: counted, not left out.
        own = by_name["churn"]["probability"].reindex(part.index)
        score = own.fillna(own.mean()).to_numpy(dtype=np.float64)
        key = f"online_retail.churn_{name}"
        found |= {
            f"{key}.users": len(part),
            f"{key}.users_unscored": int(own.isna().sum()),
            f"{key}.auc": compute_auc(label, score),
            f"{key}.ece": compute_ece(label, score),
            f"{key}.ece_after_intercept_shift_diagnostic": compute_ece(label, _shifted(score, label.mean())),
            f"{key}.mean_predicted": float(score.mean()),
            f"{key}.mean_observed": float(label.mean()),
            f"online_retail.bgnbd_{name}.auc": compute_auc(label, part["bgnbd"].to_numpy()),
            f"online_retail.silence_{name}.auc": compute_auc(label, part["silence"].to_numpy(dtype=np.float64)),
        }
    if "value" in by_name:
        value = by_name["value"].reindex(rows.index)
        revenue = rows["revenue"].to_numpy()
        own_gini = compute_gini(revenue, value["expected"].fillna(0.0).to_numpy(dtype=np.float64))
        base = compute_gini(revenue, rows["recent_revenue"].to_numpy())
        inside = (revenue >= value["low"]) & (revenue <= value["high"])
        found |= {
            "online_retail.value.gini": own_gini,
            "online_retail.value.gini_of_recent_revenue": base,
            "online_retail.value.gini_over_baseline": own_gini / base,
            "online_retail.value.coverage": float(inside[value["low"].notna()].mean()),
        }
    return found


def _shifted(score: np.ndarray, rate: float) -> np.ndarray:
    """The same log-odds, moved together so that their mean probability is the rate of the test window."""
    odds = logit(score)
    return expit(odds + brentq(lambda shift: expit(odds + shift).mean() - rate, -10, 10))
