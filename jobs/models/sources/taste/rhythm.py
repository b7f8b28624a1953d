"""How often a user comes, how much is shown at a visit, and how often what was had is returned to: Poisson counts."""

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
    """Shapes (n_users, factors + habits) and its square."""
    width = users.mean.shape[1]
    evidence = Evidence.none(observed.n_users, width)
    for name, (happened, could) in rhythm_counts(observed, days).items():
        place = width - len(HABITS) + HABITS.index(name)
        expected = could * users.rate(name)
        evidence.gradient[:, place] = happened - expected
        evidence.curvature[:, place, place] = expected
    return evidence
