"""A saved recommender as MLflow serves it: a frame of histories in, a frame of lists out.

MLflow calls `_load_pyfunc` by name, so the artifact holds arrays and text and no pickled class; what
loads it needs this package installed, and neither Spark nor Airflow.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Ids, Interactions
from jobs.datasets.pseudonyms import pseudonym
from jobs.models.lists import NO_ITEM
from jobs.models.protocol import Recommender
from jobs.models.registry import load_recommender

DEFAULT_PARAMS: dict[str, int | bool] = {"k": 20, "exclude_seen": True}


class ServedRecommender:
    """One row per user in, one row per user out, in the same order.

    Parameters
    ----------
    model
        A fitted recommender.
    """

    def __init__(self, model: Recommender) -> None:
        self._model = model

    def predict(self, frame: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Recommend for histories.

        Parameters
        ----------
        frame
            One row per user: ``key`` (any string, handed back), ``items`` (list of item ids the user
            had) and ``weights`` (list of positive numbers, as long).
        params
            ``k``: length of a list (20). ``exclude_seen``: leave out what the user had (True).

        Returns
        -------
        DataFrame
            One row per user: ``key``, ``items``, ``scores``, lists of up to k, best first.

        Raises
        ------
        ModelError
            If the two lists of a user differ in length, or a weight is not above 0.
        """
        options = {**DEFAULT_PARAMS, **(params or {})}
        known = _histories(frame, self._model.items)
        lists = self._model.recommend(known, int(options["k"]), known if options["exclude_seen"] else None)
        ids = self._model.items
        kept = [row != NO_ITEM for row in lists.items]
        return pd.DataFrame(
            {
                "key": frame["key"].tolist(),
                "items": [ids[row[on]].tolist() for row, on in zip(lists.items, kept, strict=True)],
                "scores": [row[on].astype(np.float64).tolist() for row, on in zip(lists.scores, kept, strict=True)],
            }
        )


def _load_pyfunc(data_path: str) -> ServedRecommender:
    """Entry point that MLflow looks up by this name; ``data_path`` is the model's folder."""
    return ServedRecommender(load_recommender(Path(data_path)))


def build_example(history: Interactions, key: str, n_users: int = 3, n_items: int = 5) -> pd.DataFrame:
    """A hand-sized input for `ServedRecommender.predict`, with keyed hashes in the place of user ids.

    Parameters
    ----------
    history
        Where the first users by id are taken from.
    key
        Secret of the deployment for the hashes.
    n_users, n_items
        Size of the example: users, and items of each at most.

    Returns
    -------
    DataFrame
        One row per user: ``key``, ``items``, ``weights``.
    """
    rows = [history.weights[user] for user in range(min(n_users, len(history.users)))]
    return pd.DataFrame(
        {
            "key": [pseudonym(user, key) for user in history.users[:n_users].tolist()],
            "items": [history.items[row.indices[:n_items]].tolist() for row in rows],
            "weights": [row.data[:n_items].astype(np.float64).tolist() for row in rows],
        }
    )


def _histories(frame: pd.DataFrame, known: Ids) -> csr_matrix:
    """Shape (rows of the frame, known items), in the order of both."""
    for key, items, weights in zip(frame["key"], frame["items"], frame["weights"], strict=True):
        if len(items) != len(weights):
            raise ModelError(f"input row '{key}' has {len(items)} items and {len(weights)} weights; give one each")
    # Row numbers stand in for users: keys may repeat, and a user without items keeps a row.
    rows = np.array([f"{row:09d}" for row in range(len(frame))], dtype=np.str_)
    flat = pd.DataFrame(
        {
            "user_id": np.repeat(rows.astype(object), frame["items"].map(len).to_numpy(np.int64)),
            "item_id": [item for items in frame["items"] for item in items],
            "weight": np.array([weight for weights in frame["weights"] for weight in weights], dtype=np.float64),
        }
    )
    return Interactions.from_frame(flat).aligned_to(known, rows)
