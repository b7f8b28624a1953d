"""All that the taste model keeps, and what it believes of a user by their history."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.funnel import Step, find_steps_of, user_step_evidence
from jobs.models.sources.taste.latent import Floats, ItemBeliefs, UserBeliefs
from jobs.models.sources.taste.observed import Observed
from jobs.models.sources.taste.on_sale import OnSale
from jobs.models.sources.taste.poisson_factors import Evidence, expected_impressions, taste_evidence
from jobs.models.sources.taste.rhythm import rhythm_evidence
from jobs.models.sources.taste.segments import Segments, SegmentSums
from jobs.models.sources.taste.survival import probability_alive

Opportunities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Knowledge:
    """Arrays over items and segments, none over users.

    Attributes
    ----------
    on_sale
        Days of each item.
    items
        Beliefs of them.
    segments
        Beliefs of users of whom nothing is known.
    slopes
        Shape (steps,): how the match of tastes moves the logit of each step.
    has_step
        Shape (steps,): which steps the log has.
    leave_rate
        Of users, per day.
    """

    on_sale: OnSale
    items: ItemBeliefs
    segments: Segments
    slopes: Floats
    has_step: npt.NDArray[np.bool_]
    leave_rate: float

    @property
    def steps(self) -> list[Step]:
        """The steps that the log has, in order."""
        return find_steps_of(self.has_step, self.slopes)

    def alive(self, observed: Observed, users: UserBeliefs) -> Floats:
        """Shape (n_users,): probability that each user has not left."""
        return probability_alive(users.rate("visits"), observed.last_visit, self.leave_rate)

    def days_there(self, observed: Observed, users: UserBeliefs) -> Floats:
        """Shape (n_users,): days since the first visit on which each user is believed to have been there."""
        known = observed.first_visit - observed.last_visit + 1
        return np.asarray(known + self.alive(observed, users) * observed.last_visit)

    def evidence(self, observed: Observed, opportunities: Opportunities, users: UserBeliefs) -> Evidence:
        """All that a block's histories say of its users, at what is believed of them now."""
        k = self.items.factors
        evidence = rhythm_evidence(observed, users, self.days_there(observed, users))
        expected = expected_impressions(observed, opportunities, users, self.items)
        evidence.add(taste_evidence(observed, expected, users, self.items), np.arange(k))
        for step in self.steps:
            evidence.add(user_step_evidence(observed, users, self.items, step), step.user_places(k))
        return evidence

    def newton_step(
        self, observed: Observed, opportunities: Opportunities, users: UserBeliefs
    ) -> tuple[UserBeliefs, SegmentSums]:
        """Beliefs of a block's users after one step, and what segments are learned from."""
        return self.segments.newton_step(users, self.evidence(observed, opportunities, users))

    def fold_in(self, observed: Observed, rounds: int) -> UserBeliefs:
        """Beliefs of users from their histories alone: what training would have come to believe of them."""
        opportunities = self.on_sale.opportunities(observed.by_age)
        users = self.segments.prior(observed.n_users)
        for _ in range(rounds):
            users, _ = self.newton_step(observed, opportunities, users)
        return users
