"""The best items of many users out of the factors of a model."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from jobs.core.errors import ModelError
from jobs.models.factors.items import FactorItems, Factors
from jobs.models.factors.search import FactorSearch
from jobs.models.lists import Lists, Mask


def factor_top_k(
    user_factors: Factors,
    item_factors: Factors,
    k: int,
    exclude: csr_matrix | None = None,
    available: Mask | None = None,
    threads: int | None = None,
) -> Lists:
    """The k allowed items with the largest products of factors; equal scores go by position, so by item id.

    The lists are those of `jobs.models.lists.top_k` on all scores, each computed in float64 and rounded to float32,
    whatever the number of users and threads. All scores are never there at once: each thread holds a few dozen
    megabytes, besides the factors.

    Parameters
    ----------
    user_factors
        Shape (n_users, f), float32, finite. A user whose factors are all zero is unknown and has an empty list.
    item_factors
        Shape (n_items, f), float32, finite.
    k
        Length of a list, at least 1.
    exclude
        Shape (n_users, n_items): what each user must not get. Every stored entry counts, whatever its value.
    available
        Shape (n_items,): False for an item that nobody gets.
    threads
        By default one for each processor; OpenBLAS has one thread in each.

    Returns
    -------
    Lists
        Shape (n_users, k). Lists with fewer than k candidates end in -1.

    Raises
    ------
    ModelError
        If k is below 1, a shape is another one, or a factor is not finite.
    """
    _check(user_factors, item_factors, k, exclude, available)
    items = FactorItems.of(item_factors, k, available)
    n_users = len(user_factors)
    made = Lists(np.empty((n_users, k), np.int32), np.empty((n_users, k), np.float32))

    def work(users: range) -> None:
        search = FactorSearch(items, k)
        for start in range(users.start, users.stop, search.batch):
            rows = slice(start, min(users.stop, start + search.batch))
            found = search.lists(user_factors[rows], None if exclude is None else exclude[rows])
            made.items[rows], made.scores[rows] = found.items, found.scores

    shares = _shares(n_users, threads or os.cpu_count() or 1)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))
    return made


def _shares(n_users: int, threads: int) -> list[range]:
    """Consecutive users of each thread."""
    ends = [n_users * part // threads for part in range(threads + 1)]
    return [range(start, end) for start, end in pairwise(ends)]


def _check(
    user_factors: Factors, item_factors: Factors, k: int, exclude: csr_matrix | None, available: Mask | None
) -> None:
    shape = (len(user_factors), len(item_factors))
    if k < 1:
        raise ModelError(f"k must be at least 1; got {k}")
    if user_factors.shape[1] != item_factors.shape[1]:
        raise ModelError(f"users have {user_factors.shape[1]} factors, items {item_factors.shape[1]}: two models")
    if exclude is not None and exclude.shape != shape:
        raise ModelError(f"exclude must have the shape {shape} of users and items; got {exclude.shape}")
    if available is not None and (available.shape != shape[1:] or available.dtype != np.bool_):
        raise ModelError(
            f"available must be bool of shape {shape[1:]}; got {available.dtype} of shape {available.shape}"
        )
