"""The recommender's label windows: which days they cover, and who wanted what in them."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.model_schemas import RECOMMENDER_TRAINING
from jobs.datasets.past import Window


def label_cuts(settings: Settings, run_date: date) -> list[date]:
    """Last days of the histories before each label window, newest first.

    The labels of the newest window have closed by the run date, `max_late_days` of all logs included, and those of
    each earlier one by the cut of the next: what is judged on a window has learned nothing that arrived after its
    cut. The first judges, the others are learned from. None before the app's first day.
    """
    step = timedelta(settings.recommender.horizon_days + settings.max_late_days)
    cuts = [run_date - n * step for n in range(1, settings.recommender.ranker.windows + 2)]
    return [cut for cut in cuts if cut >= settings.schedule.first_day]


def history_days(settings: Settings, run_date: date) -> list[date]:
    """Run dates whose daily sums are read: as far back as the earliest window's history reaches."""
    earliest = min([*label_cuts(settings, run_date), run_date])
    first = max(settings.schedule.first_day, earliest - timedelta(settings.recommender.history_days - 1))
    return [first + timedelta(n) for n in range((run_date - first).days + 1)]


def build(windows: Sequence[Window]) -> pd.DataFrame:
    """The rows of `recommender_training`: what was wanted in each label window.

    Parameters
    ----------
    windows
        Newest first.
    """
    parts = [_rows(window) for window in windows]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["cut", "user_id", "item_id"])
    return rows[list(RECOMMENDER_TRAINING.column_names)]


def _rows(window: Window) -> pd.DataFrame:
    history, truth = window.past.history, window.truth.tocsr()
    user = np.repeat(np.arange(truth.shape[0]), np.diff(truth.indptr))
    return pd.DataFrame(
        {
            "cut": history.cut,
            "user_id": history.users[user].astype(object),
            "item_id": history.items[truth.indices].astype(object),
        }
    ).sort_values(["user_id", "item_id"])
