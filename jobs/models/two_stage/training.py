"""Trains the two-stage recommender on label windows: once to be judged, once to be served."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from jobs.datasets.past import Past, Window
from jobs.models.two_stage.material import Fit, Material, gather, usable_windows
from jobs.models.two_stage.params import RankerParams, TwoStageParams
from jobs.models.two_stage.ranker import Fitted, Ranker
from jobs.models.two_stage.rows import Rows, join_windows
from jobs.models.two_stage.sampling import id_hashes
from jobs.models.two_stage.two_stage import TwoStageRecommender
from jobs.models.workers import side_by_side

logger = logging.getLogger(__name__)

VALID_USERS = 0.25  # where one window is all there is to learn from: users that fitting stops by
PARTS = ("all", "new")
OBJECTIVES = ("lambdarank", "binary")


@dataclass(frozen=True)
class FitReport:
    """How trees of one objective came to be.

    Attributes
    ----------
    part
        ``all`` items, or only ``new`` ones.
    objective
        What was minimised.
    n_stopped, n_served
        Trees where fitting stopped early, and trees that the served fit has in each of its repeats.
    curve
        nDCG@30 over the candidates of the validation window after each tree.
    """

    part: str
    objective: str
    n_stopped: int
    n_served: int
    curve: tuple[float, ...]


@dataclass(frozen=True)
class TrainingReport:
    """How a training went; nothing in it depends on the clock.

    Attributes
    ----------
    left_out
        Why, by the name of each source that took no part.
    n_rows, n_users
        What the served trees learned from, over all windows.
    fits
        By ``all`` and ``new``; where there are two objectives, by ``all_lambdarank``, ``all_binary`` and so on.
    """

    left_out: Mapping[str, str]
    n_rows: int
    n_users: int
    fits: Mapping[str, FitReport]


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


_Choice = Mapping[str, Fitted]
"""Of one part: the fit that stopped early, of each objective that is used."""


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
    choices = dict(zip(PARTS, side_by_side(partial(_choice, material), PARTS), strict=True))
    judged_all, judged_new, all_, new = side_by_side(
        lambda task: _grown(task[0], task[1], choices[task[1]], material.settings),
        [(rows, part) for rows in (material.windows[1:], material.windows) for part in PARTS],
    )
    return TrainedTwoStage(
        judged=_recommender(material, material.newest, judged_all, judged_new),
        final=_recommender(material, material.final, all_, new),
        report=_report(material, choices, left_out),
    )


def _part(rows: Rows, part: str) -> Rows:
    everything = np.ones(len(rows.label), dtype=np.bool_)
    return rows.kept(everything if part == "all" else ~rows.is_had)


def _drawn(rows: Rows, part: str) -> Rows:
    competing = rows.is_drawn if part == "all" else rows.is_drawn & ~rows.is_had
    return rows.kept(competing)


def _choice(material: Material, part: str) -> _Choice:
    """Objectives and numbers of trees, by the newest window but the one that judges."""
    params, seed = _params_of(material.settings, part), material.settings.seed
    train, valid = _train_and_valid(material, part)
    objectives = (params.objective,) if params.objective in OBJECTIVES else OBJECTIVES
    fits = {one: _stopped(train, valid, one, params, seed) for one in objectives}
    if params.objective != "auto":
        return fits
    best = max(objectives, key=lambda one: max(fits[one].curve))
    return {best: fits[best]}


def _stopped(train: Rows, valid: Rows, objective: str, params: RankerParams, seed: int) -> Fitted:
    """The first of `repeats` fits, with the mean of their numbers of trees: where one stops is half chance."""
    fits = [Ranker.fit_until_best(train, valid, objective, params, seed + i) for i in range(params.repeats)]
    return replace(fits[0], n_trees=round(sum(one.n_trees for one in fits) / len(fits)))


def _grown(windows: Sequence[Rows], part: str, choice: _Choice, settings: TwoStageParams) -> Ranker:
    train = join_windows([_drawn(rows, part) for rows in windows])
    params = _params_of(settings, part)
    return Ranker.fit(train, _numbers_of_trees(choice, len(train.label), params), params, settings.seed)


def _numbers_of_trees(choice: _Choice, n_rows: int, params: RankerParams) -> dict[str, int]:
    return {objective: _more_trees(stopped, n_rows, params) for objective, stopped in choice.items()}


def _more_trees(stopped: Fitted, n_rows: int, params: RankerParams) -> int:
    """Trees for a fit to more rows than that which stopped early: more can be learned before chance is."""
    return max(1, round(stopped.n_trees * math.pow(n_rows / stopped.n_rows, params.trees_by_rows)))


def _params_of(settings: TwoStageParams, part: str) -> RankerParams:
    params = settings.ranker
    return params if part == "all" else replace(params, num_leaves=params.num_leaves_new)


def _train_and_valid(material: Material, part: str) -> tuple[Rows, Rows]:
    later, *earlier = material.windows[1:]
    if earlier:
        return join_windows([_drawn(rows, part) for rows in earlier]), _part(later, part)
    numbers = np.array([str(user) for user in range(int(later.user.max(initial=-1)) + 1)])
    is_valid = (id_hashes(numbers, material.settings.seed).astype(np.float64) / 2.0**64 < VALID_USERS)[later.user]
    return _drawn(later.kept(~is_valid), part), _part(later.kept(is_valid), part)


def _recommender(material: Material, fit: Fit, of_all: Ranker, of_new: Ranker) -> TwoStageRecommender:
    return TwoStageRecommender(material.settings, fit.sources, fit.features, of_all, of_new)


def _report(material: Material, choices: Mapping[str, _Choice], left_out: Mapping[str, str]) -> TrainingReport:
    drawn = [_drawn(rows, "all") for rows in material.windows]
    fits = {}
    for part, choice in choices.items():
        n_rows = sum(len(_drawn(rows, part).label) for rows in material.windows)
        served = _numbers_of_trees(choice, n_rows, material.settings.ranker)
        for objective, stopped in choice.items():
            name = part if len(choice) == 1 else f"{part}_{objective}"
            fits[name] = FitReport(part, objective, stopped.n_trees, served[objective], stopped.curve)
    return TrainingReport(
        left_out=left_out,
        n_rows=sum(len(rows.label) for rows in drawn),
        n_users=sum(len(rows.groups) for rows in drawn),
        fits=fits,
    )
