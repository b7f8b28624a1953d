"""Judges recommenders on a label window: their lists, measured user by user, and what follows of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.core.config.model import Settings
from jobs.datasets.past import Window
from jobs.evaluation.beyond_accuracy import ItemFacts
from jobs.evaluation.comparison import Resampling
from jobs.evaluation.evaluate import About, Measurements, Method, measure_methods, summarise
from jobs.evaluation.evaluation import Evaluation
from jobs.evaluation.groups import GroupRules
from jobs.evaluation.measures import CUTS
from jobs.evaluation.tasks import DISCOVER, FOR_YOU, Task, build_tasks
from jobs.models.candidates import Candidates
from jobs.models.recommender import Recommender
from jobs.models.surfaces.given import listable
from jobs.models.surfaces.pool import Pool, best_candidates
from jobs.stages.contenders import Contender

Items = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Judged:
    """What came of it.

    Attributes
    ----------
    window, tasks, facts
        What was judged on.
    methods
        Lists of each contender, by its name.
    scores
        Of the lists of `for_you`: by name of the contender, shape (n_users, longest cut), float32, 0 where one ends.
    measurements
        User by user.
    evaluation
        Means with intervals, beside the best single source.
    """

    window: Window
    tasks: tuple[Task, ...]
    facts: ItemFacts
    methods: Mapping[str, Method]
    scores: Mapping[str, npt.NDArray[np.float32]]
    measurements: Measurements
    evaluation: Evaluation

    @property
    def task(self) -> Task:
        """The one that decides: everything wanted counts."""
        return next(task for task in self.tasks if task.surface == FOR_YOU)

    def per_user(self, metric: str) -> dict[str, npt.NDArray[np.float64]]:
        """The metric of each user of the task that decides, by contender."""
        return {name: measured.per_user[metric] for name, measured in self.measurements[FOR_YOU].items()}


def cuts_of(settings: Settings) -> tuple[int, ...]:
    """Lengths at which lists are judged, ascending: the usual ones, and the one that the gate asks for."""
    return tuple(sorted({*CUTS, settings.recommender.k}))


def resampling(settings: Settings) -> Resampling:
    """How intervals are drawn, by the gate's settings."""
    gate = settings.recommender.gate
    return Resampling(gate.confidence, gate.n_draws, settings.recommender.seed)


def judge(settings: Settings, window: Window, contenders: Sequence[Contender]) -> Judged | None:
    """Measure the contenders that can be judged; None where nobody can be judged by, or nobody is to be judged."""
    there = [contender for contender in contenders if contender.judged is not None]
    tasks = build_tasks(window, GroupRules())
    if not there or not tasks:
        return None
    facts = ItemFacts.of(window.past)
    pools = {each.name: lists_of(each.judged, window, tasks, settings) for each in there if each.judged is not None}
    methods = {
        each.name: Method(each.name, each.kind, {surface: pool.items for surface, pool in pools[each.name].items()})
        for each in there
    }
    measurements = measure_methods(list(methods.values()), tasks, facts, cuts_of(settings))
    about = About(
        app=settings.app,
        cut=window.past.history.cut,
        horizon_days=settings.recommender.horizon_days,
        metric=settings.recommender.gate.metric,
        cuts=cuts_of(settings),
    )
    kinds = {name: method.kind for name, method in methods.items()}
    evaluation = summarise(measurements, kinds, tasks, facts, about, resampling(settings))
    scores = {name: of[FOR_YOU].scores for name, of in pools.items() if FOR_YOU in of}
    return Judged(window, tasks, facts, methods, scores, measurements, evaluation)


def lists_of(recommender: Recommender, window: Window, tasks: Sequence[Task], settings: Settings) -> dict[str, Pool]:
    """Lists of the users of each task, without any limit but what may be had; best first.

    Parameters
    ----------
    recommender
        Fitted to the window's past.
    window, tasks
        Whom and what is judged.
    settings
        What is blocked, and whether `for_you` leaves out what a user had.
    """
    allowed = listable(window.past.catalogue, settings.lists.blocked)
    users = np.unique(np.concatenate([task.users for task in tasks]))
    answered = recommender.candidates(window.past.history.take(users), allowed)
    longest = max(cuts_of(settings))
    return {
        task.surface: best_candidates(answered, *_ordered_by(task.surface, answered, settings), longest).rows(
            np.searchsorted(users, task.users)
        )
        for task in tasks
    }


def _ordered_by(
    surface: str, answered: Candidates, settings: Settings
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Scores, and which candidates may be on the list."""
    only_new = surface == DISCOVER or settings.lists.exclude_had.for_you
    may = ~answered.is_had if only_new else np.ones(len(answered.item), dtype=np.bool_)
    return (answered.discovery_score if surface == DISCOVER else answered.score), may
