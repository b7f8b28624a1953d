"""How many goals are to be expected of each user and item within the horizon."""

import numpy as np
import numpy.typing as npt

from jobs.models.lists import Mask
from jobs.models.sources.taste.funnel import step_probability
from jobs.models.sources.taste.knowledge import Knowledge
from jobs.models.sources.taste.latent import UserBeliefs, log_pull
from jobs.models.sources.taste.observed import NO_GOAL, Observed
from jobs.models.sources.taste.survival import expected_days

Cells = npt.NDArray[np.float32]


def expect_goals(
    knowledge: Knowledge, observed: Observed, users: UserBeliefs, is_available: Mask, horizon_days: float
) -> Cells:
    """Expected goals after the cut, by way of impressions and of coming back.

    Parameters
    ----------
    knowledge
        What was learned.
    observed, users
        Histories of one block, and what is believed of its users.
    is_available
        Shape (n_items,): what can be had after the cut; of the rest nothing is expected.
    horizon_days
        Days after the cut.

    Returns
    -------
    ndarray
        Shape (n_users, n_items), float32.
    """
    first, *further = [step_probability(users, knowledge.items, step) for step in knowledge.steps]
    met = _impressions_per_visit(knowledge, users, is_available, horizon_days) * first
    met += _returns_per_visit(observed, users, is_available)
    for chance in further:
        met *= chance
    days = expected_days(knowledge.leave_rate, horizon_days) * knowledge.alive(observed, users)
    met *= (users.rate("visits") * days).astype(np.float32)[:, None]
    return met


def _impressions_per_visit(
    knowledge: Knowledge, users: UserBeliefs, is_available: Mask, horizon_days: float
) -> Cells:
    pull = log_pull(users, knowledge.items)
    # In the middle of the horizon, where trends and launches will have got to by then.
    pull += knowledge.on_sale.log_pull(np.array([-horizon_days / 2])).astype(np.float32)
    pull[:, ~is_available] = -np.inf
    if is_available.any():
        pull -= pull.max(axis=1, keepdims=True)
    np.exp(pull, out=pull)
    total = np.maximum(pull.sum(axis=1, dtype=np.float64), np.finfo(np.float64).tiny)
    pull *= (users.rate("shown") / total).astype(np.float32)[:, None]
    return pull


def _returns_per_visit(observed: Observed, users: UserBeliefs, is_available: Mask) -> Cells:
    """Chance that a visit goes back to an item; 0 for one that the goal was never reached with."""
    chance = np.zeros((observed.n_users, observed.n_items), dtype=np.float32)
    kept = (observed.goal_age != NO_GOAL) & is_available[observed.item]
    user, item = observed.user[kept], observed.item[kept]
    chance[user, item] = users.rate("back")[user]
    return chance
