"""Rows that the ranker learns from: candidates of the judged users of one label window, with what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Window
from jobs.models.lists import Mask
from jobs.models.two_stage.features import Features
from jobs.models.two_stage.item_features import stacked
from jobs.models.two_stage.params import RankerParams
from jobs.models.two_stage.sampling import id_hashes, pair_shares, sample_positions
from jobs.models.two_stage.source_features import Columns, source_columns
from jobs.models.two_stage.source_set import SourceSet, log_prior
from jobs.models.two_stage.union import Pairs, best_new, union_of
from jobs.models.user_batches import user_batches, users_between
from jobs.models.workers import side_by_side


@dataclass(frozen=True)
class Rows:
    """One row per user and candidate, in the order user, item.

    Attributes
    ----------
    names
        Of the features.
    values
        Shape (n_rows, n_features), float32.
    label
        Shape (n_rows,), float32: 1 where the goal was reached within the window.
    prior
        Shape (n_rows,), float64: logarithm of the expected goal, what trees start from; None without such a source.
    is_had
        Shape (n_rows,), bool.
    user
        Shape (n_rows,), int64: which rows are one user's, ascending.
    is_drawn
        Shape (n_rows,), bool: kept for training; all that was wanted and a share of the rest.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.float32]
    label: npt.NDArray[np.float32]
    prior: npt.NDArray[np.float64] | None
    is_had: npt.NDArray[np.bool_]
    user: npt.NDArray[np.int64]
    is_drawn: npt.NDArray[np.bool_]

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """Shape (n_groups,): rows of each user."""
        return np.diff(np.flatnonzero(np.diff(self.user, prepend=-1, append=-2)))

    def kept(self, rows: npt.NDArray[np.bool_]) -> "Rows":
        """Some of the rows, of users of whom something wanted is among them: the others teach nothing."""
        wanted = np.zeros(int(self.user.max(initial=-1)) + 1, dtype=np.bool_)
        wanted[self.user[rows & (self.label > 0)]] = True
        rows = rows & wanted[self.user]
        return replace(
            self,
            values=self.values[rows],
            label=self.label[rows],
            prior=None if self.prior is None else self.prior[rows],
            is_had=self.is_had[rows],
            user=self.user[rows],
            is_drawn=self.is_drawn[rows],
        )


def build_rows(window: Window, sources: SourceSet, features: Features, params: RankerParams, seed: int) -> Rows:
    """Rows of a window's judged users.

    Parameters
    ----------
    window
        Its past ends before its label days; features read nothing but the past.
    sources, features
        Fitted to the window's past.
    params
        How candidates are chosen and rows drawn.
    seed
        Of the draws.
    """
    history, truth = judged_histories(window, params, seed)
    available = window.past.catalogue.is_available

    def rows_between(places: tuple[int, int]) -> Rows:
        start, stop = places
        batch = users_between(history, start, stop)
        pairs, columns = candidate_columns(batch, sources, features, params, available)
        label = np.asarray(truth[start:stop][pairs.user, pairs.item], dtype=np.float32).ravel()
        return Rows(
            names=tuple(columns),
            values=stacked(columns),
            label=label,
            prior=prior_of(sources, columns),
            is_had=pairs.is_had,
            user=pairs.user + start,
            is_drawn=_drawn(pairs, batch, label, params.negatives, seed),
        )

    return _stacked(side_by_side(rows_between, user_batches(*history.shape)))


def judged_histories(window: Window, params: RankerParams, seed: int) -> tuple[History, csr_matrix]:
    """Histories of at most `max_users` judged users, and what they wanted: shape (n_users, n_items)."""
    judged = window.judged
    sample = judged[sample_positions(window.past.history.users[judged], seed, params.max_users)]
    return window.past.history.take(sample), window.truth[sample].tocsr()


def candidate_columns(
    batch: History, sources: SourceSet, features: Features, params: RankerParams, available: Mask
) -> tuple[Pairs, Columns]:
    """Candidates of a batch of users and their features."""
    scores = sources.score(batch)
    pairs = union_of(scores, batch, available, params.new_per_source, params.own_items)
    spoken = source_columns(sources.names, scores, pairs)
    best = best_new(pairs, spoken["mean_log_rank"], params.new_items)
    pairs, spoken = pairs.kept(best), {name: values[best] for name, values in spoken.items()}
    return pairs, {**spoken, **features.build(batch, pairs)}


def prior_of(sources: SourceSet, columns: Columns) -> npt.NDArray[np.float64] | None:
    """Shape (n_rows,): what trees start from, None where no source gives expectations."""
    if sources.prior is None:
        return None
    return log_prior(columns[f"{sources.names[sources.prior]}_score"])


def join_windows(windows: Sequence[Rows]) -> Rows:
    """Rows of several windows one below the other; a user of two windows is two groups.

    Raises
    ------
    ModelError
        If the windows have different features.
    """
    if any(window.names != windows[0].names for window in windows):
        raise ModelError("rows of windows have different features; build them with the same sources")
    numbers = np.cumsum([0] + [int(window.user.max(initial=-1)) + 1 for window in windows])
    return _stacked([replace(rows, user=rows.user + first) for rows, first in zip(windows, numbers, strict=False)])


def _stacked(parts: Sequence[Rows]) -> Rows:
    priors = [part.prior for part in parts if part.prior is not None]
    return Rows(
        names=parts[0].names,
        values=np.concatenate([part.values for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        prior=np.concatenate(priors) if priors else None,
        is_had=np.concatenate([part.is_had for part in parts]),
        user=np.concatenate([part.user for part in parts]),
        is_drawn=np.concatenate([part.is_drawn for part in parts]),
    )


def _drawn(pairs: Pairs, batch: History, label: npt.NDArray[np.float32], share: float, seed: int) -> Mask:
    draw = pair_shares(id_hashes(batch.users, seed)[pairs.user], id_hashes(batch.items, seed)[pairs.item])
    return (label > 0) | (draw < share)
