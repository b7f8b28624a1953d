"""A saved recommender as MLflow serves it: a frame of histories in, a frame of lists out.

MLflow calls `_load_pyfunc` by name, so the artifact holds arrays, trees and text and no pickled class; what
loads it needs this package installed, and neither Spark nor Airflow. It holds nothing about any user.

A list is the model's own order of what may be had. The night's lists start from the same order; what only a
night does, such as limits on lists and rows of `because_you`, is not done here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from jobs.core.errors import ModelError
from jobs.core.surfaces import LIKE_YOUR_TASTE, REASONS
from jobs.core.table import Column
from jobs.datasets.history import History
from jobs.datasets.history_frames import HISTORY_COLUMNS, LISTS, build_history_frame, read_history_frame
from jobs.datasets.pseudonyms import pseudonym
from jobs.models.candidates import Candidates
from jobs.models.recommender import Recommender
from jobs.models.recommenders import load_recommender
from jobs.models.serving_facts import ServingFacts
from jobs.models.surfaces.pool import Pool, best_candidates

FOR_YOU, DISCOVER = "for_you", "discover"

CALL_PARAMS: dict[str, int | bool | str] = {"k": 20, "surface": FOR_YOU, "exclude_had": False}
"""What a call may ask for: length of a list, ``for_you`` or ``discover``, and to leave out what the user had."""

INPUT_COLUMNS = HISTORY_COLUMNS

OUTPUT_COLUMNS = (
    Column("key", "string", "of the input row"),
    Column("items", "array<string>", "item ids, best first"),
    Column("scores", "array<double>", "falling; those of two users or surfaces are not comparable"),
    Column("reasons", "array<string>", "code of the reason of each item"),
    Column("sources", "array<string>", "candidate source that speaks most for it"),
)


@dataclass(frozen=True)
class _Call:
    k: int
    surface: str
    exclude_had: bool

    @classmethod
    def of(cls, params: Mapping[str, Any] | None) -> Self:
        given = {**CALL_PARAMS, **(params or {})}
        unknown = sorted(set(given) - set(CALL_PARAMS))
        if unknown:
            raise ModelError(f"predict has no parameter {unknown}; there are {sorted(CALL_PARAMS)}")
        if int(given["k"]) < 1:
            raise ModelError(f"k must be at least 1; got {given['k']}")
        if given["surface"] not in (FOR_YOU, DISCOVER):
            raise ModelError(f"surface must be '{FOR_YOU}' or '{DISCOVER}'; got '{given['surface']}'")
        return cls(int(given["k"]), str(given["surface"]), bool(given["exclude_had"]))


class ServedRecommender:
    """One row per user in, one row per user out, in the same order.

    Parameters
    ----------
    model
        A trained recommender.
    facts
        What the night knew of its items.
    """

    def __init__(self, model: Recommender, facts: ServingFacts) -> None:
        if facts.available.shape != model.items.shape:
            raise ModelError(
                f"recommender '{model.name}' knows {len(model.items)} items, its serving facts tell of "
                f"{len(facts.available)}; save both from one night"
            )
        self._model = model
        self._facts = facts

    def predict(self, frame: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Recommend for histories.

        Parameters
        ----------
        frame
            One row per user: `INPUT_COLUMNS`, as `jobs.adapters.lake.histories.read_histories` gives them.
        params
            `CALL_PARAMS`, where they differ from the defaults.

        Returns
        -------
        DataFrame
            One row per user, `OUTPUT_COLUMNS`: lists of up to k items. A user without any history gets what the
            model says of strangers.

        Raises
        ------
        ModelError
            If a parameter or a column is not as it should be; see `read_history_frame`.
        """
        call = _Call.of(params)
        if frame.empty:
            return pd.DataFrame({column.name: pd.Series(dtype=object) for column in OUTPUT_COLUMNS})
        history = read_history_frame(frame, self._model.items, self._facts.goal)
        candidates = self._model.candidates(history, self._facts.available)
        return self._told(frame["key"].tolist(), candidates, _cut(candidates, call))

    def _told(self, keys: list[str], candidates: Candidates, lists: Pool) -> pd.DataFrame:
        names = np.array(candidates.sources, dtype=object)
        reasons = np.array([self._reason(source) for source in candidates.sources], dtype=object)
        rows = [slice(0, length) for length in lists.lengths.tolist()]
        flat = list(zip(lists.items, lists.scores, lists.sources, rows, strict=True))
        return pd.DataFrame(
            {
                "key": keys,
                "items": [candidates.items[items[row]].tolist() for items, _, _, row in flat],
                "scores": [scores[row].astype(np.float64).tolist() for _, scores, _, row in flat],
                "reasons": [reasons[sources[row]].tolist() for _, _, sources, row in flat],
                "sources": [names[sources[row]].tolist() for _, _, sources, row in flat],
            }
        )

    def _reason(self, source: str) -> str:
        """One that apps have no words for says that it is the user's taste, as on the night's lists."""
        reason = self._model.reasons.get(source, LIKE_YOUR_TASTE)
        return reason if reason in REASONS else LIKE_YOUR_TASTE


def load_served(folder: Path) -> ServedRecommender:
    """A recommender from the folder that holds it and its `ServingFacts`.

    Raises
    ------
    ModelError
        If a file is missing or unreadable.
    """
    return ServedRecommender(load_recommender(folder), ServingFacts.load(folder))


def _load_pyfunc(data_path: str) -> ServedRecommender:
    """Entry point that MLflow looks up by this name; ``data_path`` is the model's folder."""
    return load_served(Path(data_path))


def build_example(history: History, hash_key: str, n_users: int = 3, n_rows: int = 5) -> pd.DataFrame:
    """A hand-sized input for `ServedRecommender.predict`, with keyed hashes in the place of user ids.

    Parameters
    ----------
    history
        Where the first users by id who have a row are taken from.
    hash_key
        Secret of the deployment for the hashes.
    n_users, n_rows
        Size of the example: users, and rows of each at most.

    Returns
    -------
    DataFrame
        One row per user: `INPUT_COLUMNS`.
    """
    few = history.take(np.flatnonzero(np.diff(history.indptr))[:n_users])
    keys = np.array([pseudonym(user, hash_key) for user in few.users.tolist()], dtype=np.str_)
    frame = build_history_frame(few, keys)
    return frame.assign(**{name: [values[:n_rows] for values in frame[name]] for name in LISTS})


def _cut(candidates: Candidates, call: _Call) -> Pool:
    values = candidates.discovery_score if call.surface == DISCOVER else candidates.score
    leaves_out_had = call.surface == DISCOVER or call.exclude_had
    allowed = ~candidates.is_had if leaves_out_had else np.ones(len(candidates.item), dtype=np.bool_)
    return best_candidates(candidates, values, allowed, call.k)
