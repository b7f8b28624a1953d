"""Stock side: LightGBM on features that pandas sums up at each cut, and the chance of churn of every user.

``python -m tests.bench.same_outputs.stock_churn OUT DAY``
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score

from jobs.core.config import load_settings
from tests.bench.same_outputs.outputs import HOLDOUT, HORIZON_DAYS, TRAIN

WINDOWS = (1, 7, 28, 90)
DROPPED = ["user_id", "churned"]


def read_events(out: Path) -> pd.DataFrame:
    """What is needed of all days."""
    columns = ["user_id", "type", "price", "qty", "day"]
    events = pd.concat([pd.read_parquet(folder, columns=columns) for folder in sorted((out / "events").iterdir())])
    intents = load_settings("sample").events.intent
    paid = events["price"] * events["qty"].fillna(1)
    return events.assign(
        day=pd.to_datetime(events["day"]),
        n_intents=events["type"].isin(intents).astype("int64"),
        n_purchases=(events["type"] == "purchase").astype("int64"),
        revenue=paid.where(events["type"] == "purchase", 0.0).fillna(0.0),
    )


def features(events: pd.DataFrame, cut: date) -> pd.DataFrame:
    """One row per user up to the end of a cut."""
    past = events[events["day"] <= pd.Timestamp(cut)]
    age = (pd.Timestamp(cut) - past["day"]).dt.days
    past = past.assign(age=age, n_events=1)
    grouped = past.groupby("user_id")
    told = pd.DataFrame({"tenure_days": grouped["age"].max(), "days_since_event": grouped["age"].min()})
    told["n_active_days"] = grouped["day"].nunique()
    for days in WINDOWS:
        sums = past[past["age"] < days].groupby("user_id")[["n_events", "n_intents", "n_purchases", "revenue"]].sum()
        told = told.join(sums.add_suffix(f"_{days}d"))
    return told.fillna(0.0).reset_index()


def labelled(events: pd.DataFrame, cut: date) -> pd.DataFrame:
    """Features at a cut, and who did nothing of intent in the days after it."""
    rows, end = features(events, cut), cut + timedelta(HORIZON_DAYS)
    after = events[(events["day"] > pd.Timestamp(cut)) & (events["day"] <= pd.Timestamp(end))]
    stayed = after.loc[after["n_intents"] > 0, "user_id"].unique()
    return rows.assign(churned=(~rows["user_id"].isin(stayed)).astype("int64"))


def fitted(rows: pd.DataFrame) -> lgb.LGBMClassifier:
    """With the parameters of ours."""
    params = load_settings("sample").predictions.lightgbm.model_dump()
    return lgb.LGBMClassifier(**params, bagging_freq=1, verbose=-1).fit(rows.drop(columns=DROPPED), rows["churned"])


def main() -> None:
    """Train, judge on the newest closed window, train again with it, score, and write ``OUT/churn.parquet``."""
    out, day = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
    events = read_events(out)
    train = pd.concat([labelled(events, day - timedelta(n)) for n in TRAIN])
    holdout = labelled(events, day - timedelta(HOLDOUT))
    judged = fitted(train)
    auc = roc_auc_score(holdout["churned"], judged.predict_proba(holdout.drop(columns=DROPPED))[:, 1])
    served = fitted(pd.concat([train, holdout]))
    now = features(events, day)
    told = served.predict_proba(now.drop(columns=["user_id"]))[:, 1]
    pd.DataFrame({"user_id": now["user_id"], "probability": told}).to_parquet(out / "churn.parquet")
    sys.stdout.write(f"{auc}\n")


if __name__ == "__main__":
    main()
