"""Every source alone and the ranker, at any cut of the past: history strictly before it, judged on the days after."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from jobs.adapters.lake import Lake
from jobs.core.config.model import Settings
from jobs.core.errors import ModelError, UsageError
from jobs.core.schemas import USER_STATUS
from jobs.datasets.recommender_training import label_cuts
from jobs.evaluation.evaluation import Evaluation
from jobs.models.surfaces.limit_costs import LimitCost
from jobs.stages.contenders import Contenders, recipe_params, train_contenders
from jobs.stages.judging import Judged, judge
from jobs.stages.limit_judging import judge_limits
from jobs.stages.lists_of_night import NightSources
from jobs.stages.recommender_windows import RecommenderLog, labels_close

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class Evaluated:
    """What came of an evaluation.

    Attributes
    ----------
    evaluation
        Every method, with intervals.
    recipe
        Parameters of the two stages as they were evaluated, with the horizon that was asked for.
    limits
        By surface: what each limit on lists costs the two-stage recommender, or what stands first without it.
    """

    evaluation: Evaluation
    recipe: Mapping[str, Any]
    limits: Mapping[str, list[LimitCost]]

    def to_json(self) -> str:
        """All numbers: those of the evaluation, and what limits cost by surface."""
        costs = {surface: [asdict(cost) for cost in of] for surface, of in self.limits.items()}
        return json.dumps({**json.loads(self.evaluation.to_json()), "limits": costs}, indent=1, allow_nan=False)


def evaluate_at(settings: Settings, lake: Lake, cut: date, horizon_days: int) -> Evaluated:
    """Train on what was known at a cut, judge on the days after it.

    Nothing is written. The ranker learns from label windows of the same length that had closed by the cut; users who
    came after it are judged too, as cold users.

    Parameters
    ----------
    settings, lake
        Of the app.
    cut
        Last day of the history.
    horizon_days
        Length of the label window; its labels must have closed.

    Raises
    ------
    UsageError
        If the cut lies before the app's first day, or its labels have not closed by the newest date of the lake.
    MissingPartitionError
        If a day of the history or of the label window is not in the lake.
    ModelError
        If no source can learn from the history, or nobody can be judged.
    """
    started = time.perf_counter()
    if cut < settings.schedule.first_day:
        raise UsageError(f"the history would end on {cut}, before the app's first day, {settings.schedule.first_day}")
    asked = _with_horizon(settings, horizon_days)
    closed = labels_close(asked, cut, horizon_days)
    _check_closed(lake, cut, closed)
    cuts = label_cuts(asked, cut)[: asked.recommender.ranker.windows]
    read = RecommenderLog.read(lake, asked, min([*cuts, cut]), closed, closed).to_learn_from()
    judging = read.window(cut, horizon_days)
    windows = [judging, *(read.window(each, horizon_days) for each in cuts)]
    log.info("evaluate: %d windows to learn from, read in %.1f s", len(cuts), time.perf_counter() - started)
    # What would be served is not asked for: a past at the cut keeps all training before it.
    recipe = recipe_params(asked)
    contenders = train_contenders(recipe, judging.past, windows)
    log.info("evaluate: %d methods trained after %.1f s", len(contenders.all), time.perf_counter() - started)
    judged = judge(asked, read.window(cut, horizon_days, newcomers=True), contenders.all)
    if judged is None:
        raise ModelError(
            f"nobody reached the goal ({asked.recommender.goal}) in the {horizon_days} days after {cut} with an item "
            "that was known at the cut; choose another cut or a longer horizon"
        )
    log.info("evaluate: judged on %d users after %.1f s", len(judged.task.users), time.perf_counter() - started)
    return Evaluated(judged.evaluation, recipe, _limits(asked, contenders, judged))


def _check_closed(lake: Lake, cut: date, closed: date) -> None:
    newest = max(lake.run_dates(USER_STATUS.name), default=None)
    if newest is not None and newest < closed:
        latest = newest - (closed - cut) + timedelta(1)
        raise UsageError(
            f"what is judged by has arrived by {closed} only, late events included, and the newest date in the "
            f"lake is {newest}; ask for a cut up to {latest}, or for a shorter horizon"
        )


def _limits(settings: Settings, contenders: Contenders, judged: Judged) -> dict[str, list[LimitCost]]:
    recommender = contenders.all[0].judged
    if recommender is None:
        return {}
    neighbours = NightSources.fit(settings, judged.window.past).similar
    return {
        task.surface: judge_limits(settings, recommender, judged.window, task, neighbours) for task in judged.tasks
    }


def _with_horizon(settings: Settings, horizon_days: int) -> Settings:
    recommender = settings.recommender.model_copy(update={"horizon_days": horizon_days})
    return settings.model_copy(update={"recommender": recommender})
