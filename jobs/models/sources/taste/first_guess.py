"""Where the training of the taste model begins: counts, and the leading directions of the impressions."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from jobs.models.sources.taste.knowledge import Knowledge
from jobs.models.sources.taste.latent import HABITS, Floats, ItemBeliefs
from jobs.models.sources.taste.observed import STEPS, Observed
from jobs.models.sources.taste.on_sale import OnSale
from jobs.models.sources.taste.rhythm import rhythm_counts
from jobs.models.sources.taste.segments import Segments
from jobs.models.sources.taste.survival import fit_leave_rate, probability_alive

VECTOR_LIMIT, VECTOR_SCALE = 3.0, 0.6
"""Of the first guess of items' vectors: about the size that they end with, and no item far out."""

FIRST_SLOPE = 0.3
"""Something to begin with, for at 0 the funnel would say nothing of tastes."""

POWER_ROUNDS, SPARE_DIRECTIONS = 3, 10
"""Of the randomised singular value decomposition; a first guess needs no more."""

FEW_DAYS = 10.0
"""Days that a user's first guess of a rate leans on; those seen on one day would come daily."""


def guess_first(
    observed: list[Observed],
    on_sale: OnSale,
    has_step: npt.NDArray[np.bool_],
    price: Floats,
    factors: int,
    seed: int,
) -> Knowledge:
    """Knowledge before any sweep.

    Parameters
    ----------
    observed
        Blocks of users.
    price
        Shape (n_items,): see `ItemBeliefs`.
    """
    shown = vstack([block.shown_matrix for block in observed]).tocsr()
    leave_rate, habits = _guess_habits(observed)
    n_items = shown.shape[1]
    items = ItemBeliefs(
        level=_guess_levels(observed, on_sale, np.asarray(shown.sum(axis=0)).ravel()),
        vector=_leading_directions(shown, factors, seed),
        spread=np.zeros((n_items, factors * (factors + 1) // 2)),
        intercept=np.zeros((n_items, len(STEPS))),
        price=price,
    )
    slopes = np.where(has_step, FIRST_SLOPE, 0.0)
    return Knowledge(on_sale, items, Segments.single(factors, habits), slopes, has_step, leave_rate)


def _guess_levels(observed: list[Observed], on_sale: OnSale, total: Floats) -> Floats:
    """Shape (n_items,): logarithm of impressions over opportunities, as if each item had one more, as is usual."""
    could = np.zeros(len(total))
    for block in observed:
        could += on_sale.opportunities(block.by_age).sum(axis=0, dtype=np.float64)
    usual = max(total.sum(), 1.0) / max(could.sum(), 1.0)
    return np.asarray(np.log((total + 1) / (could + 1 / usual)))


def _guess_habits(observed: list[Observed]) -> tuple[float, Floats]:
    """The leave rate, and the habits of all users together, shape (habits,)."""
    known = np.concatenate([block.first_visit - block.last_visit for block in observed])
    silent = np.concatenate([block.last_visit for block in observed])
    rate = (np.concatenate([block.n_visits for block in observed]) + 1) / (known + FEW_DAYS)
    leave_rate = fit_leave_rate(rate, known, silent)
    days = known + 1 + probability_alive(rate, silent, leave_rate) * silent
    habits = dict.fromkeys(HABITS, 0.0)
    for place, name in enumerate(STEPS):
        tries = sum(float(block.steps[place].tries.sum()) for block in observed)
        hits = sum(float(block.steps[place].hits.sum()) for block in observed)
        habits[name] = float(np.log((hits + 1) / (tries - hits + 1)))
    ends = np.cumsum([block.n_users for block in observed])[:-1]
    counts = [rhythm_counts(block, part) for block, part in zip(observed, np.split(days, ends), strict=True)]
    for name in counts[0]:
        happened, could = (sum(float(count[name][side].sum()) for count in counts) for side in (0, 1))
        habits[name] = float(np.log((happened + 1) / (could + FEW_DAYS)))
    return leave_rate, np.array([habits[name] for name in HABITS])


def _leading_directions(shown: csr_matrix, factors: int, seed: int) -> Floats:
    """Shape (n_items, factors): right singular vectors of the counts' deviations from independence.

    The matrix is that of correspondence analysis; the decomposition is randomised with a seed (Halko, Martinsson and
    Tropp, 2011) and multiplies sparse matrices only.
    """
    of_users = np.sqrt(np.asarray(shown.sum(axis=1)).ravel())
    of_items = np.sqrt(np.asarray(shown.sum(axis=0)).ravel())
    per_user, per_item = (1 / np.maximum(root, 1) for root in (of_users, of_items))
    scaled = csr_matrix(shown.multiply(per_user[:, None]).multiply(per_item[None]))
    total = shown.sum()

    def times(right: Floats) -> Floats:
        return np.asarray(scaled @ right - np.outer(of_users, of_items @ right) / total)

    def transposed_times(left: Floats) -> Floats:
        return np.asarray(scaled.T @ left - np.outer(of_items, of_users @ left) / total)

    drawn = np.random.default_rng(seed).standard_normal((shown.shape[1], factors + SPARE_DIRECTIONS))
    basis = np.linalg.qr(times(drawn))[0]
    for _ in range(POWER_ROUNDS):
        basis = np.linalg.qr(times(np.linalg.qr(transposed_times(basis))[0]))[0]
    directions = np.linalg.svd(transposed_times(basis).T, full_matrices=False)[2][:factors].T
    sized = directions * np.sqrt(len(directions))
    # Few users or items span fewer directions.
    vectors = np.zeros((shown.shape[1], factors))
    vectors[:, : sized.shape[1]] = sized.clip(-VECTOR_LIMIT, VECTOR_LIMIT) * VECTOR_SCALE
    return vectors
