"""How the taste model is learned: Newton steps for users and for items in turn, and their priors after each."""

from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.funnel import item_step_evidence, measure_step, slope_evidence
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


@dataclass(frozen=True)
class _Told:
    """What blocks of users tell of items, slopes and segments; the sum of two is what both tell.

    Attributes
    ----------
    impressions, steps
        Of items: what impressions tell, and each of the log's steps.
    slopes
        Shape (steps of the log, 2): gradient and curvature of each.
    segments
        Sums over users.
    """

    impressions: Evidence
    steps: tuple[Evidence, ...]
    slopes: Floats
    segments: SegmentSums

    def __add__(self, other: "_Told") -> "_Told":
        return _Told(
            self.impressions + other.impressions,
            tuple(map(add, self.steps, other.steps)),
            self.slopes + other.slopes,
            self.segments + other.segments,
        )


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
        users, told = _sweep(observed, opportunities, knowledge, users)
        knowledge, prior = _learned(knowledge, prior, told)
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
) -> tuple[list[UserBeliefs], _Told]:
    stepped = [knowledge.newton_step(*block) for block in zip(observed, opportunities, users, strict=True)]
    found = [now for now, _ in stepped]
    # A generator: what each block tells is as large as what all tell.
    told = (
        _told(block, could, now, knowledge, segments)
        for block, could, (now, segments) in zip(observed, opportunities, stepped, strict=True)
    )
    return found, reduce(add, told)


def _told(
    observed: Observed, opportunities: Opportunities, users: UserBeliefs, knowledge: Knowledge, segments: SegmentSums
) -> _Told:
    items, steps = knowledge.items, knowledge.steps
    expected = expected_impressions(observed, opportunities, users, items)
    found = [measure_step(observed.steps[step.place], users, items, step) for step in steps]
    pairs = list(zip(found, steps, strict=True))
    return _Told(
        impressions=item_evidence(observed, expected, users, items),
        steps=tuple(item_step_evidence(observed, residuals, users, items, step) for residuals, step in pairs),
        slopes=np.array([slope_evidence(observed, residuals, users, items, step) for residuals, step in pairs]),
        segments=segments,
    )


def _learned(knowledge: Knowledge, prior: ItemPrior, told: _Told) -> tuple[Knowledge, ItemPrior]:
    items, covariance = prior.newton_step(knowledge.items, _item_evidence(knowledge, told))
    segments = learn_segments(knowledge.segments, told.segments)
    learned = replace(knowledge, items=items, segments=segments, slopes=_learned_slopes(knowledge, told.slopes))
    return learned, prior.learned(items, covariance)


def _item_evidence(knowledge: Knowledge, told: _Told) -> Evidence:
    """Of all the numbers of each item."""
    n_items, k = knowledge.items.vector.shape
    evidence = Evidence.none(n_items, 1 + k + len(STEPS))
    evidence.add(told.impressions, np.arange(k + 1))
    for step, of_step in zip(knowledge.steps, told.steps, strict=True):
        evidence.add(of_step, step.item_places(k))
    return evidence


def _learned_slopes(knowledge: Knowledge, told: Floats) -> Floats:
    gradient, curvature = np.zeros((2, len(STEPS)))
    gradient[knowledge.has_step], curvature[knowledge.has_step] = told.T
    step = (gradient - SLOPE_PRECISION * knowledge.slopes) / (curvature + SLOPE_PRECISION)
    return np.asarray(knowledge.slopes + step.clip(-LONGEST_SLOPE_STEP, LONGEST_SLOPE_STEP))


def _joined(users: list[UserBeliefs]) -> UserBeliefs:
    names = ("mean", "covariance", "segments")
    return UserBeliefs(*(np.concatenate([getattr(block, name) for block in users]) for name in names))


def _in_segments(users: UserBeliefs, count: int) -> UserBeliefs:
    return replace(users, segments=np.full((len(users.mean), count), 1 / count))
