"""Many small symmetric matrices at once: the upper triangle of each is one row of a table.

So a quadratic form or a sum of outer products over all pairs of users and items is one product of two tables.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def pack(matrices: Floats) -> Floats:
    """Shape (n, k, k), symmetric, to (n, k (k + 1) / 2): upper triangles, row by row."""
    rows, columns = np.triu_indices(matrices.shape[-1])
    return np.asarray(matrices[:, rows, columns], dtype=np.float64)


def unpack(packed: Floats, k: int) -> Floats:
    """The inverse of `pack`, shape (n, k, k)."""
    rows, columns = np.triu_indices(k)
    matrices = np.empty((len(packed), k, k))
    matrices[:, rows, columns] = packed
    matrices[:, columns, rows] = packed
    return matrices


def packed_outer(vectors: Floats) -> Floats:
    """Shape (n, k) to (n, k (k + 1) / 2): the packed product of each vector with itself."""
    rows, columns = np.triu_indices(vectors.shape[1])
    return np.asarray(vectors[:, rows] * vectors[:, columns], dtype=np.float64)


def packed_squares(vectors: Floats) -> Floats:
    """Like `packed_outer`, with what is off the diagonal doubled: ``pack(A) @ packed_squares(x).T`` is x'Ax."""
    rows, columns = np.triu_indices(vectors.shape[1])
    return np.where(rows == columns, 1.0, 2.0) * packed_outer(vectors)


def invert_each(matrices: Floats) -> Floats:
    """Shape (n, k, k): the inverse of each."""
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def solve_each(matrices: Floats, vectors: Floats) -> Floats:
    """Shape (n, k): the solution of each of n small systems."""
    return np.asarray(np.linalg.solve(matrices, vectors[:, :, None])[:, :, 0])
