"""Every metric of one method's lists: per user where a user has one, else of all lists together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.sparse import csr_matrix

from jobs.evaluation.beyond_accuracy import (
    ItemFacts,
    compute_category_diversity,
    compute_diversity,
    compute_equal_lists,
    compute_gini,
    compute_novelty,
    compute_repeats,
)
from jobs.evaluation.ranking import Items, PerUser, compute_at_cuts, compute_coverage

CUTS = (10, 50)
"""What a screen shows, and what the lake keeps."""

ACCURACY = ("ndcg", "recall", "map", "mrr", "hit_rate")
CHARACTER = ("novelty", "diversity", "category_diversity", "repeats")
TOTALS = ("coverage", "gini", "equal_lists")


@dataclass(frozen=True)
class Measured:
    """One method's lists, measured.

    Attributes
    ----------
    lists
        Shape (n_users, k), int32, what was measured.
    per_user
        ``<metric>_at_<k>`` of `ACCURACY` and `CHARACTER` to shape (n_users,); not-a-number for a user without one.
    """

    lists: Items
    per_user: Mapping[str, PerUser]


def measure(
    lists: Items, relevant: csr_matrix, had: csr_matrix, facts: ItemFacts, cuts: Sequence[int] = CUTS
) -> Measured:
    """Measure lists user by user.

    Parameters
    ----------
    lists
        Shape (n_users, at least the longest cut), int32: item positions, best first, -1 where a list is shorter.
    relevant
        Shape (n_users, n_items): a stored entry is wanted after the cut; at least one a user.
    had
        Shape (n_users, n_items): a stored entry is an item that the user had before the cut.
    facts
        Of the items.
    cuts
        Lengths at which lists are cut.
    """
    per_user = compute_at_cuts(lists, relevant, cuts)
    for k in cuts:
        shown = lists[:, :k]
        per_user[f"novelty_at_{k}"] = compute_novelty(shown, facts.information)
        per_user[f"diversity_at_{k}"] = compute_diversity(shown, facts.vectors)
        per_user[f"category_diversity_at_{k}"] = compute_category_diversity(shown, facts.category)
        per_user[f"repeats_at_{k}"] = compute_repeats(shown, had)
    return Measured(lists, per_user)


def measure_together(lists: Items, facts: ItemFacts, cuts: Sequence[int] = CUTS) -> dict[str, float]:
    """`TOTALS` of some users' lists, named ``<metric>_at_<k>``."""
    found = {}
    for k in cuts:
        shown = lists[:, :k]
        found[f"coverage_at_{k}"] = compute_coverage(shown, int(facts.is_available.sum()))
        found[f"gini_at_{k}"] = compute_gini(shown, facts.is_available)
        found[f"equal_lists_at_{k}"] = compute_equal_lists(shown)
    return found
