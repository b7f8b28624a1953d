"""What each limit on lists costs in nDCG, on the users and the days that an evaluation judges by."""

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.config.model import Settings
from jobs.datasets.past import Window
from jobs.evaluation.bootstrap import Values, compare_pair
from jobs.evaluation.ranking import Items, compute_ndcg, find_hits
from jobs.evaluation.tasks import Task
from jobs.models.recommender import Recommender
from jobs.models.surfaces.given import SurfaceInput, listable
from jobs.models.surfaces.limit_costs import LimitCost, measure_limits
from jobs.models.surfaces.rungs import RungLists
from jobs.stages.judging import resampling


def judge_limits(
    settings: Settings, recommender: Recommender, window: Window, task: Task, neighbours: csr_matrix | None
) -> list[LimitCost]:
    """A surface's nDCG without limits, and with each limit alone, at the length that the gate judges.

    Parameters
    ----------
    settings
        Of the app: its own limits are tried besides the usual ones.
    recommender
        Fitted to the window's past.
    window, task
        Whom and what is judged; users without a history are passed over, since no model makes what they are served.
    neighbours
        Shape (n_items, n_items), of the source `item_item` of the same past: what diversity calls alike besides
        categories; None where that source was left out.
    """
    known = np.flatnonzero(np.diff(window.past.history.indptr)[task.users] > 0)
    relevant = task.relevant[known]
    history = window.past.history.take(task.users[known])
    given = SurfaceInput(
        history=history,
        catalogue=window.past.catalogue,
        neighbours=neighbours,
        trending=None,
        reason_of={},
        segments=history.users,
        rungs=RungLists.none(window.past.items),
    )
    answered = recommender.candidates(history, listable(window.past.catalogue, ()))

    def ndcg(lists: Items) -> Values:
        hits = find_hits(lists[:, : settings.recommender.k], relevant)
        return np.asarray(compute_ndcg(hits, np.diff(relevant.indptr)))

    def interval(values: Values, base: Values) -> tuple[float, float]:
        how = resampling(settings)
        paired = compare_pair(values, base, how.n_draws, how.seed, how.confidence)
        return paired.low, paired.high

    return measure_limits(answered, given, settings, ndcg, interval, task.surface)
