"""Challenger and champion on the same users: the metric that decides, drawn for both with the same weights.

An AUC is no mean over users, so `comparison.compare` cannot tell its interval; here the whole metric is computed in
every draw.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from jobs.evaluation.bootstrap import Draws, Paired, draw_weights
from jobs.evaluation.comparison import Comparison, GroupComparison, Resampling
from jobs.evaluation.drawn import Drawn

Ints = npt.NDArray[np.int64]


def compare_predictions(
    challenger: Drawn, champion: Drawn, metric: str, groups: Mapping[str, Ints], how: Resampling
) -> Comparison | None:
    """Compare two predictions.

    Parameters
    ----------
    challenger, champion
        Of the same users in one order.
    metric
        The one that decides; a higher value is better.
    groups
        Name to positions of its users; one that cannot be judged is left out.
    how
        Intervals are drawn; those of groups hold together (see `GroupComparison`).

    Returns
    -------
    Comparison or None
        None where the two cannot be judged at all.

    Raises
    ------
    ValueError
        If the two are of different users.
    """
    if challenger.n_users != champion.n_users:
        raise ValueError(f"a pair must be of the same users, got {challenger.n_users} and {champion.n_users}")
    together = _paired(challenger, champion, metric, how, how.confidence)
    if together is None:
        return None
    of_groups = 1.0 - (1.0 - how.confidence) / max(1, len(groups))
    found = {
        name: GroupComparison(len(users), paired)
        for name, users in sorted(groups.items())
        if (paired := _paired(challenger.take(users), champion.take(users), metric, how, of_groups)) is not None
    }
    return Comparison(how.confidence, how.n_draws, challenger.n_users, {metric: together}, found)


def _paired(new: Drawn, old: Drawn, metric: str, how: Resampling, confidence: float) -> Paired | None:
    try:
        means = _both(new, old, metric, np.ones(new.n_users))
    except ValueError:
        return None
    drawn = [means]
    for block in draw_weights(new.n_users, how.n_draws, how.seed):
        for weights in block:
            try:
                drawn.append(_both(new, old, metric, weights))
            except ValueError:
                continue  # a draw of one class
    return Draws(means, np.array(drawn[1:] or drawn)).paired(0, 1, confidence)


def _both(new: Drawn, old: Drawn, metric: str, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.array([each.draw(weights)[metric] for each in (new, old)])
