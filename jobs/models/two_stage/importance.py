"""What the trees look at: gain while they grew, and how much each feature moves a score (SHAP)."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.history import History
from jobs.models.lists import Mask
from jobs.models.two_stage.item_features import stacked
from jobs.models.two_stage.ranker import Ranker
from jobs.models.two_stage.rows import candidate_columns
from jobs.models.two_stage.sampling import sample_positions
from jobs.models.two_stage.two_stage import TwoStageRecommender
from jobs.models.user_batches import user_batches, users_between

MOST_USERS = 100  # a few hundred candidates each
# Candidates that are explained: of Online Retail's 72 features the same eight lead with 2,000 as with all 100,000 of
# 200 users, which take 25 seconds instead of one or two.
MOST_ROWS = 2000

COLUMNS = ("feature", "gain_share", "mean_abs_shap", "gain_share_new", "mean_abs_shap_new")


def feature_importance(
    model: TwoStageRecommender, history: History, available: Mask, most_users: int = MOST_USERS
) -> pd.DataFrame:
    """Importance of every feature of a two-stage recommender.

    Parameters
    ----------
    model
        A trained one.
    history
        Of any users, over the items of the model; a sample of them by hash of their ids is looked at.
    available
        Shape (n_items,), bool.
    most_users
        Size of the sample.

    Returns
    -------
    DataFrame
        One row per feature, the one that moves scores most first; `COLUMNS`. ``gain_share`` is the part of all gain.
        ``mean_abs_shap`` is the mean over candidates of how much the feature moved the score from what is expected
        without it, in units of the raw score. Those that end in ``_new`` are of the trees for items never had.
    """
    sample = history.take(sample_positions(history.users, model.settings.seed, most_users))
    is_had, values = _candidates(model, sample, available)
    parts = [_of_trees(model.of_all, values), _of_trees(model.of_new, values[~is_had])]
    frame = pd.DataFrame(
        {
            "feature": model.of_all.names,
            **{name: of for name, of in zip(COLUMNS[1:], [one for part in parts for one in part], strict=True)},
        }
    )
    return frame.sort_values(["mean_abs_shap", "feature"], ascending=[False, True], ignore_index=True)


def _candidates(
    model: TwoStageRecommender, history: History, available: Mask
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    parts = list(_batches(model, history, available))
    if not parts:
        return np.empty(0, np.bool_), np.empty((0, len(model.of_all.names)), np.float32)
    return np.concatenate([is_had for is_had, _ in parts]), np.concatenate([values for _, values in parts])


def _batches(
    model: TwoStageRecommender, history: History, available: Mask
) -> Iterator[tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]]:
    for start, stop in user_batches(*history.shape):
        batch = users_between(history, start, stop)
        pairs, columns = candidate_columns(batch, model.sources, model.features, model.settings.ranker, available)
        yield pairs.is_had, stacked(columns)


def _of_trees(
    ranker: Ranker, values: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share of gain and mean absolute contribution, each of shape (n_features,)."""
    gain = np.array(list(ranker.importance().values()))
    if not len(values):
        return gain / max(float(gain.sum()), 1e-12), np.zeros(len(gain))
    contributions = ranker.contributions(_evenly(values))
    # The last column is what is expected of all rows.
    moved = np.abs(np.asarray(contributions)[:, :-1]).mean(axis=0)
    return gain / max(float(gain.sum()), 1e-12), moved


def _evenly(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """At most `MOST_ROWS` rows, as far apart as each other: of every user, and the same ones every time."""
    if len(values) <= MOST_ROWS:
        return values
    return values[np.arange(MOST_ROWS) * len(values) // MOST_ROWS]
