"""For each item the few items that it speaks for: what item-to-item sources keep, and lists per item are cut from."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from jobs.models.storage import Arrays

BLOCK_ITEMS = 512
"""Rows of a product of items x items that are in memory at a time."""


def neighbours_of_product(left: csr_matrix, right: csr_matrix, n_neighbours: int) -> csr_matrix:
    """The largest entries of each row of ``left.T @ right``, without the diagonal.

    The product is never whole in memory.

    Parameters
    ----------
    left, right
        Shape (n_rows, n_items).
    n_neighbours
        Entries kept a row, at most.

    Returns
    -------
    csr_matrix
        Shape (n_items, n_items), float32, positive, column indices ascending.
    """
    by_item = left.T.tocsr()
    right = right.tocsr()
    blocks = [
        keep_largest(_without_diagonal(by_item[start : start + BLOCK_ITEMS] @ right, start), n_neighbours)
        for start in range(0, by_item.shape[0], BLOCK_ITEMS)
    ]
    return vstack(blocks, format="csr")


def keep_largest(matrix: csr_matrix, n: int) -> csr_matrix:
    """The n largest positive entries of each row; equal ones go by column, so by item id.

    Parameters
    ----------
    matrix
        Shape (n_rows, n_columns).
    n
        Entries kept a row, at most.

    Returns
    -------
    csr_matrix
        The same shape, float32, column indices ascending.
    """
    matrix = matrix.tocsr()
    # Single precision decides, so that the last bits of a sum do not choose between two equals.
    values = matrix.data.astype(np.float32)
    kept = [_largest_of(values[row], matrix.indices[row], n) + row.start for row in _rows(matrix)]
    chosen = np.concatenate([np.empty(0, np.int64), *kept])
    lengths = [len(positions) for positions in kept]
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return csr_matrix((values[chosen], matrix.indices[chosen], indptr), shape=matrix.shape)


def neighbour_arrays(neighbours: csr_matrix) -> Arrays:
    """What `neighbours_from` needs."""
    return {
        "neighbours_data": neighbours.data.astype(np.float32),
        "neighbours_indices": neighbours.indices.astype(np.int32),
        "neighbours_indptr": neighbours.indptr.astype(np.int64),
    }


def neighbours_from(arrays: Arrays) -> csr_matrix:
    """What `neighbour_arrays` was given."""
    indptr = arrays["neighbours_indptr"]
    parts = (arrays["neighbours_data"], arrays["neighbours_indices"], indptr)
    return csr_matrix(parts, shape=(len(indptr) - 1, len(indptr) - 1))


def _rows(matrix: csr_matrix) -> Iterator[slice]:
    return (slice(start, end) for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True))


def _largest_of(values: npt.NDArray[np.float32], columns: npt.NDArray[np.integer], n: int) -> npt.NDArray[np.int64]:
    """Positions of the n largest, by column."""
    candidates = np.flatnonzero(values > 0)
    if len(candidates) > n:
        least = np.partition(values[candidates], -n)[-n]
        candidates = candidates[values[candidates] >= least]
        order = np.lexsort((columns[candidates], -values[candidates]))
        candidates = candidates[order[:n]]
    return candidates[np.argsort(columns[candidates])].astype(np.int64)


def _without_diagonal(block: csr_matrix, first: int) -> csr_matrix:
    rows = np.repeat(np.arange(block.shape[0]) + first, np.diff(block.indptr))
    block.data[block.indices == rows] = 0
    return block
