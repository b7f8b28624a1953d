"""Trains the two-stage recommender on label windows: once to be judged, once to be served."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from jobs.datasets.past import Past, Window
from jobs.models.two_stage.material import Fit, Material, gather, usable_windows
from jobs.models.two_stage.params import TwoStageParams
from jobs.models.two_stage.ranker import Fitted, Ranker
from jobs.models.two_stage.rows import Rows, join_windows
from jobs.models.two_stage.sampling import id_hashes
from jobs.models.two_stage.two_stage import TwoStageRecommender
from jobs.models.workers import side_by_side

logger = logging.getLogger(__name__)

VALID_USERS = 0.25  # where one window is all there is to learn from: users that fitting stops by
PARTS = ("all", "new")


@dataclass(frozen=True)
class TrainingReport:
    """How a training went; nothing in it depends on the clock.

    Attributes
    ----------
    left_out
        Why, by the name of each source that took no part.
    n_rows, n_users
        What the served trees learned from, over all windows.
    objective
        The one that was used, for ``all`` and ``new`` items.
    n_trees
        Trees that early stopping chose, for each.
    curves
        nDCG@10 over the candidates of the validation window after each tree, for each.
    importance
        Gain by feature of the served trees, for each.
    """

    left_out: Mapping[str, str]
    n_rows: int
    n_users: int
    objective: Mapping[str, str]
    n_trees: Mapping[str, int]
    curves: Mapping[str, tuple[float, ...]]
    importance: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class TrainedTwoStage:
    """The recommender to be judged, and the one to be served by the same recipe.

    Attributes
    ----------
    judged
        Knows nothing past the cut of the newest window: to be judged on that window.
    final
        Sources fitted up to the run date, trees grown on all windows.
    report
        How it went.
    """

    judged: TwoStageRecommender
    final: TwoStageRecommender
    report: TrainingReport


@dataclass(frozen=True)
class _Trees:
    """Of one part: the objective, the fit that stopped early, and trees to be judged and to be served."""

    objective: str
    stopped: Fitted
    judged: Ranker
    final: Ranker


def train_two_stage(params: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> TrainedTwoStage:
    """Train on all windows but the newest to be judged on that one, and on all to be served.

    Parameters
    ----------
    params
        As `TwoStageParams.from_mapping` takes them.
    past
        Up to the end of the run date.
    windows
        Newest first, label days not overlapping those of a newer cut's future. Those with too few judged users are
        not used.

    Raises
    ------
    ModelError
        If the newest window has too few judged users or fewer than two windows are left; serve a single source then.
    """
    settings = TwoStageParams.from_mapping(params)
    newest = list(windows)[: settings.ranker.windows + 1]
    material, left_out = gather(settings, past, usable_windows(newest, settings.ranker.min_users))
    trees = dict(zip(PARTS, side_by_side(partial(_trees, material), PARTS), strict=True))
    return TrainedTwoStage(
        judged=_recommender(material.settings, material.newest, {part: of.judged for part, of in trees.items()}),
        final=_recommender(material.settings, material.final, {part: of.final for part, of in trees.items()}),
        report=_report(material, trees, left_out),
    )


def _part(rows: Rows, part: str) -> Rows:
    everything = np.ones(len(rows.label), dtype=np.bool_)
    return rows.kept(everything if part == "all" else ~rows.is_had)


def _drawn(rows: Rows, part: str) -> Rows:
    competing = rows.is_drawn if part == "all" else rows.is_drawn & ~rows.is_had
    return rows.kept(competing)


def _trees(material: Material, part: str) -> _Trees:
    """Trees of a part; objective and number by the newest window but the one that judges."""
    params, seed = material.settings.ranker, material.settings.seed
    train, valid = _train_and_valid(material, part)
    objectives = ("lambdarank", "binary") if params.objective == "auto" else (params.objective,)
    fits = {one: Ranker.fit_until_best(train, valid, one, params, seed) for one in objectives}
    best = max(objectives, key=lambda one: max(fits[one].curve))
    judged, final = (
        Ranker.fit(join_windows([_drawn(rows, part) for rows in windows]), best, fits[best].n_trees, params, seed)
        for windows in (material.windows[1:], material.windows)
    )
    return _Trees(best, fits[best], judged, final)


def _train_and_valid(material: Material, part: str) -> tuple[Rows, Rows]:
    later, *earlier = material.windows[1:]
    if earlier:
        return join_windows([_drawn(rows, part) for rows in earlier]), _part(later, part)
    numbers = np.array([str(user) for user in range(int(later.user.max(initial=-1)) + 1)])
    is_valid = (id_hashes(numbers, material.settings.seed).astype(np.float64) / 2.0**64 < VALID_USERS)[later.user]
    return _drawn(later.kept(~is_valid), part), _part(later.kept(is_valid), part)


def _recommender(settings: TwoStageParams, fit: Fit, rankers: Mapping[str, Ranker]) -> TwoStageRecommender:
    return TwoStageRecommender(settings, fit.sources, fit.features, rankers["all"], rankers["new"])


def _report(material: Material, trees: Mapping[str, _Trees], left_out: Mapping[str, str]) -> TrainingReport:
    drawn = [_drawn(rows, "all") for rows in material.windows]
    return TrainingReport(
        left_out=left_out,
        n_rows=sum(len(rows.label) for rows in drawn),
        n_users=sum(len(rows.groups) for rows in drawn),
        objective={part: of.objective for part, of in trees.items()},
        n_trees={part: of.stopped.n_trees for part, of in trees.items()},
        curves={part: of.stopped.curve for part, of in trees.items()},
        importance={part: of.final.importance() for part, of in trees.items()},
    )
