"""Least squares over items x items, in memory: what EASE and the ridge of next days share."""

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csc_matrix, csr_matrix, diags, vstack
from threadpoolctl import threadpool_limits

from jobs.core.errors import ModelError
from jobs.models.sources.neighbours import BLOCK_ITEMS, keep_largest
from jobs.models.storage import Arrays

Dense = npt.NDArray[np.float32]

BLOCK_USERS = 4096
"""Rows that are dense at a time: 100 MB for 6,000 items."""


def damped_rows(matrix: csr_matrix) -> csr_matrix:
    """Each row over the root of its sum: one with four times as much counts twice, not four times."""
    sums = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    return (diags(1 / np.sqrt(np.where(sums > 0, sums, 1))) @ matrix).tocsr().astype(np.float32)


def add_product(total: Dense, left: csr_matrix, right: csr_matrix, weight: float = 1.0) -> None:
    """Add ``weight * left.T @ right`` to a dense array in place, a block of rows at a time.

    Parameters
    ----------
    total
        Shape (n_items, n_items).
    left, right
        Shape (n_rows, n_items).
    """
    for start in range(0, left.shape[0], BLOCK_USERS):
        rows = slice(start, start + BLOCK_USERS)
        total += np.float32(weight) * (left[rows].T.tocsr() @ right[rows].toarray())


def solve_ridge(gram: Dense, target: Dense, ridge: float, source: str) -> Dense:
    """Solve ``(gram + ridge * I) W = target``; both arrays are used up. One thread, so that sums have one order.

    Raises
    ------
    ModelError
        If the system cannot be solved.
    """
    gram[np.diag_indices(len(gram))] += np.float32(ridge)
    try:
        with threadpool_limits(1, user_api="blas"):
            solved = cho_solve(cho_factor(gram, overwrite_a=True), target, overwrite_b=True)
    except np.linalg.LinAlgError as error:
        raise ModelError(f"source '{source}': its equations cannot be solved ({error}); raise ridge") from error
    return np.asarray(solved, dtype=np.float32)


def invert_ridge(gram: Dense, ridge: float, source: str) -> Dense:
    """The inverse of ``gram + ridge * I``, in place. A third of the time of solving for the identity.

    Raises
    ------
    ModelError
        If there is none.
    """
    gram[np.diag_indices(len(gram))] += np.float32(ridge)
    with threadpool_limits(1, user_api="blas"):
        # LAPACK goes by columns, and makes one triangle; the transposed view of a symmetric array spares it a copy.
        factor, failed = spotrf(gram.T, lower=True, clean=False, overwrite_a=True)
        if not failed:
            inverse, failed = spotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise ModelError(f"source '{source}': its equations cannot be solved (LAPACK says {failed}); raise ridge")
    _mirror(inverse)
    return np.asarray(inverse, dtype=np.float32)


def _mirror(lower: Dense) -> None:
    """Make a symmetric array of its lower triangle, in place; by blocks, for whole masks take long."""
    for start in range(0, len(lower), BLOCK_ITEMS):
        stop = start + BLOCK_ITEMS
        corner = lower[start:stop, start:stop]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
        lower[start:stop, stop:] = lower[stop:, start:stop].T


def keep_strongest(weights: Dense, n: int) -> csr_matrix:
    """The n entries of each column that are farthest from 0, either way; rows are what speaks, columns for what.

    Parameters
    ----------
    weights
        Shape (n_items, n_items).
    n
        Entries kept a column, at most.

    Returns
    -------
    csr_matrix
        Shape (n_items, n_items), float32.
    """
    blocks = [
        _strongest_rows(weights.T[start : start + BLOCK_ITEMS], n) for start in range(0, len(weights), BLOCK_ITEMS)
    ]
    return vstack(blocks, format="csr").T.tocsr()


def _strongest_rows(weights: Dense, n: int) -> csr_matrix:
    size = np.abs(weights)
    n = min(n, size.shape[1])
    least = np.partition(size, size.shape[1] - n, axis=1)[:, [size.shape[1] - n]]
    kept = keep_largest(csr_matrix(np.where(size >= least, size, 0)), n).tocoo()
    return csr_matrix((weights[kept.row, kept.col], (kept.row, kept.col)), shape=weights.shape)


def weight_arrays(weights: csr_matrix) -> Arrays:
    """What `weights_from` needs."""
    columns = csc_matrix(weights)
    columns.sort_indices()
    return {
        "weights_data": columns.data.astype(np.float32),
        "weights_indices": columns.indices.astype(np.int32),
        "weights_indptr": columns.indptr.astype(np.int64),
    }


def weights_from(arrays: Arrays) -> csr_matrix:
    """What `weight_arrays` was given."""
    indptr = arrays["weights_indptr"]
    parts = (arrays["weights_data"], arrays["weights_indices"], indptr)
    return csc_matrix(parts, shape=(len(indptr) - 1, len(indptr) - 1)).tocsr()
