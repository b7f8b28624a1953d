"""How often a user comes, how much is shown at a visit, and how often what was had is returned to: Poisson counts."""

import numpy as np

from jobs.models.sources.taste.latent import HABITS, Floats, UserBeliefs
from jobs.models.sources.taste.observed import Observed
from jobs.models.sources.taste.poisson_factors import Evidence


def rhythm_counts(observed: Observed, days: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Per habit that is a rate: how often it happened and how often it could have, shapes (n_users,).

    Parameters
    ----------
    days
        Shape (n_users,): days on which the user is believed to have been there.
    """
    return {
        "back": (observed.n_back, observed.back_days),
        "shown": (observed.n_shown, observed.n_visits),
        "visits": (observed.n_visits, days),
    }


def rhythm_evidence(observed: Observed, users: UserBeliefs, days: Floats) -> Evidence:
    """Of all the numbers of each user: tastes, of which nothing is said, and habits."""
    evidence = Evidence.none(observed.n_users, users.mean.shape[1])
    for name, (happened, could) in rhythm_counts(observed, days).items():
        expected = could * users.rate(name)
        of_habit = Evidence((happened - expected)[:, None], expected[:, None])
        evidence.add(of_habit, np.array([users.factors + HABITS.index(name)]))
    return evidence
