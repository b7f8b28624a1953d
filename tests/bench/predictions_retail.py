"""Online Retail: the predictions of a real night, held against the raw files.

The night is that of the last day before the test window, run as processes: what it knows ends there. Rule, fixed
before the window was read: the app's settings as they stand in `conf/`, cuts by `label_cuts`, that is 2011-06-11 and
every `churn.cut_step_days` before it. Nothing here tunes anything.
"""

import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.daily_schemas import USER_DAILY
from jobs.core.home import Home
from jobs.core.output_schemas import PREDICTIONS
from jobs.core.table import Table
from jobs.datasets.predictions import PREDICTION_TRAINING
from jobs.datasets.segments import build_segments
from jobs.features import user_activity
from tests.bench.predictions_choices import judge_choices
from tests.bench.predictions_judged import judge_churn, judge_over_base_rate, judge_value
from tests.bench.predictions_night import run_stages
from tests.bench.processes import measure
from tests.bench.retail_days import CUT, buyers_at, read_days, require_all

APP = "online_retail"
FIRST = date(2010, 12, 1)


def run_online_retail(root: Path, data: Path) -> dict[str, Any]:
    """Back-fill, run the night, and judge."""
    days = read_days(data)
    judged = buyers_at(days, CUT)
    require_all(judged)
    home = root / "work" / "predictions_retail"
    seconds = _night(home, data)
    settings = load_settings(APP)

    def read(table: Table, stage: str) -> pd.DataFrame:
        lake = Lake(Home(home, APP).lake)
        return read_pandas(lake, table, lake.require(table.name, CUT, stage))

    told = read(PREDICTIONS, "score_users")
    training = read(PREDICTION_TRAINING, "train_predictions")
    activity = read(user_activity.SPEC.table, "build_features")
    segments = build_segments(activity, settings.activity).set_index("user_id")["segment"]
    own = {str(name): part.set_index("user_id") for name, part in told.groupby("prediction")}
    found = {
        **judge_churn(own["churn"], judged, days, settings),
        **judge_value(own["value"], judged, days, settings),
        **judge_over_base_rate(own, training, segments, days, settings),
        **judge_choices(lambda cut: _activity(home, cut), _daily(home), settings),
        "night_seconds": seconds,
    }
    return {f"online_retail.{name}": value for name, value in found.items()}


def _activity(home: Path, cut: date) -> pd.DataFrame:
    lake = Lake(Home(home, APP).lake)
    return read_pandas(lake, user_activity.SPEC.table, lake.require(user_activity.SPEC.name, cut, "build_features"))


def _daily(home: Path) -> pd.DataFrame:
    lake = Lake(Home(home, APP).lake)
    days = [FIRST + timedelta(n) for n in range((CUT - FIRST).days + 1)]
    parts = [read_pandas(lake, USER_DAILY, lake.require(USER_DAILY.name, day, "clean_events")) for day in days]
    return pd.concat(parts, ignore_index=True)


def _night(home: Path, data: Path) -> float:
    log = {"NIGHTJAR__LOG__PATH": str(data.resolve())}
    command = [sys.executable, "-m", "jobs", "backfill", "--app", APP, "--from", str(FIRST), "--to", str(CUT)]
    environment = {**os.environ, **log, "NIGHTJAR_HOME": str(home)}
    measure([*command, "--tables-only"], environment, home / "stderr.log")
    return run_stages(home, APP, CUT, log)
