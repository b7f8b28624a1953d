"""What a source of factors has beside `Source`: lists are cut from its factors, without a score for every pair."""

from abc import abstractmethod

from jobs.datasets.history import History
from jobs.models.factors.items import Factors
from jobs.models.sources.source import Source


class FactorSource(Source):
    """Scores items by the product of a user's factors and an item's.

    A base class and no protocol: whether a source is one must not depend on whether it is fitted yet, and a runtime
    protocol reads `items` to find out.
    """

    item_factors: Factors

    @abstractmethod
    def user_factors(self, history: History) -> Factors:
        """Shape (n_users, f), float32; zeros for a user of whom nothing is known."""
