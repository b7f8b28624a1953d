"""How the taste model is learned: Newton steps for users and for items in turn, and their priors after each."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.funnel import item_step_evidence, match_variance, measure_step, slope_evidence
from jobs.models.sources.taste.item_prior import ItemPrior
from jobs.models.sources.taste.item_trend import DailyImpressions, learn_trend
from jobs.models.sources.taste.knowledge import Knowledge, Opportunities
from jobs.models.sources.taste.latent import Floats, UserBeliefs
from jobs.models.sources.taste.observed import STEPS, Observed
from jobs.models.sources.taste.poisson_factors import Evidence, expected_impressions, item_evidence, scaled_pull
from jobs.models.sources.taste.segments import SegmentSums, learn_segments, split_segments

SLOPE_PRECISION = 1.0
"""Prior of a slope: what doubles an item's chance to be come across hardly does more than that for what follows."""

LONGEST_SLOPE_STEP = 0.2


@dataclass
class _ItemSums:
    """What one sweep over the users' blocks found of items, slopes and segments."""

    evidence: Evidence
    slopes: Floats
    segments: SegmentSums | None = None


def learn(
    observed: list[Observed],
    knowledge: Knowledge,
    category: npt.NDArray[np.int64],
    seen: Floats,
    segments: int,
    sweeps: int,
) -> tuple[Knowledge, list[UserBeliefs]]:
    """Alternate between users and items, which is variational expectation maximisation with Laplace's Gaussians.

    Parameters
    ----------
    observed
        Blocks of users.
    knowledge
        The first guess.
    category
        Shape (n_items,): position of each item's category.
    seen
        Shape (n_ages, n_items): impressions of these users, so many days before the cut.
    segments
        Users' segments; they are split after half of the sweeps, when tastes have settled.
    sweeps
        Over users and items.

    Returns
    -------
    tuple
        What was learned; and what was believed of each block's users before the last step of the items, which are of
        use to tests only.
    """
    prior = ItemPrior.broad(category, knowledge.items)
    opportunities = [knowledge.on_sale.opportunities(block.by_age) for block in observed]
    users = [knowledge.segments.prior(block.n_users) for block in observed]
    for sweep in range(sweeps):
        if sweep == sweeps // 2 and segments > 1:
            knowledge = replace(knowledge, segments=split_segments(_joined(users), segments))
            users = [_in_segments(block, len(knowledge.segments.share)) for block in users]
        if sweep in (sweeps // 3, 2 * sweeps // 3):
            knowledge = _with_trend(observed, opportunities, knowledge, users, seen)
            opportunities = [knowledge.on_sale.opportunities(block.by_age) for block in observed]
        users, sums = _sweep(observed, opportunities, knowledge, users)
        knowledge, prior = _learned(knowledge, prior, sums)
    return knowledge, users


def _with_trend(
    observed: list[Observed],
    opportunities: list[Opportunities],
    knowledge: Knowledge,
    users: list[UserBeliefs],
    seen: Floats,
) -> Knowledge:
    expected = np.zeros(seen.shape)
    for block, could, believed in zip(observed, opportunities, users, strict=True):
        pull = scaled_pull(block, could, believed, knowledge.items)
        expected[: block.by_age.shape[1]] += block.by_age.T @ pull
    expected *= knowledge.on_sale.is_on(len(seen))
    return replace(knowledge, on_sale=learn_trend(knowledge.on_sale, DailyImpressions(seen, expected)))


def _sweep(
    observed: list[Observed], opportunities: list[Opportunities], knowledge: Knowledge, users: list[UserBeliefs]
) -> tuple[list[UserBeliefs], _ItemSums]:
    n_items, k = knowledge.items.vector.shape
    sums = _ItemSums(Evidence.none(n_items, 1 + k + len(STEPS)), np.zeros((len(STEPS), 2)))
    found = []
    for block, could, believed in zip(observed, opportunities, users, strict=True):
        now, told = knowledge.newton_step(block, could, believed)
        sums.segments = told if sums.segments is None else sums.segments + told
        _add_block(sums, block, could, now, knowledge)
        found.append(now)
    return found, sums


def _add_block(
    sums: _ItemSums, observed: Observed, opportunities: Opportunities, users: UserBeliefs, knowledge: Knowledge
) -> None:
    items, k = knowledge.items, knowledge.items.factors
    expected = expected_impressions(observed, opportunities, users, items)
    sums.evidence.add(item_evidence(observed, expected, users, items), np.arange(k + 1))
    variance = match_variance(users, items)
    for step in knowledge.steps:
        tries = observed.steps[step.place]
        found = measure_step(tries, users, items, step)
        sums.evidence.add(item_step_evidence(observed, found, users, items, step), step.item_places(k))
        sums.slopes[step.place] += slope_evidence(tries, found, variance, step)


def _learned(knowledge: Knowledge, prior: ItemPrior, sums: _ItemSums) -> tuple[Knowledge, ItemPrior]:
    items, covariance = prior.newton_step(knowledge.items, sums.evidence)
    gradient, curvature = sums.slopes.T
    step = (gradient - SLOPE_PRECISION * knowledge.slopes) / (curvature + SLOPE_PRECISION)
    slopes = knowledge.slopes + step.clip(-LONGEST_SLOPE_STEP, LONGEST_SLOPE_STEP)
    assert sums.segments is not None
    segments = learn_segments(knowledge.segments, sums.segments)
    learned = replace(knowledge, items=items, segments=segments, slopes=slopes)
    return learned, prior.learned(items, covariance)


def _joined(users: list[UserBeliefs]) -> UserBeliefs:
    names = ("mean", "covariance", "segments")
    return UserBeliefs(*(np.concatenate([getattr(block, name) for block in users]) for name in names))


def _in_segments(users: UserBeliefs, count: int) -> UserBeliefs:
    return replace(users, segments=np.full((len(users.mean), count), 1 / count))
