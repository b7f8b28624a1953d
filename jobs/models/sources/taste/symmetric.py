"""Many small symmetric matrices at once: the upper triangle of each is one row of a table.

So a quadratic form or a sum of outer products over all pairs of users and items is one product of two tables.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def pack(matrices: Floats) -> Floats:
    """Shape (n, k, k), symmetric, to (n, k (k + 1) / 2): upper triangles, row by row."""
    rows, columns = _triangle(matrices.shape[-1])
    return np.asarray(matrices[:, rows, columns], dtype=np.float64)


def unpack(packed: Floats, k: int) -> Floats:
    """The inverse of `pack`, shape (n, k, k)."""
    return packed.take(_places(k).ravel(), axis=1).reshape(len(packed), k, k)


def packed_places(places: Places, k: int) -> Places:
    """Where the packed matrix of some of k numbers lies in that of all; ``places`` says which, ascending."""
    rows, columns = _triangle(len(places))
    return _places(k)[places[rows], places[columns]]


def packed_outer(vectors: Floats) -> Floats:
    """Shape (n, k) to (n, k (k + 1) / 2): the packed product of each vector with itself."""
    rows, columns = _triangle(vectors.shape[1])
    # A third of the time of indexing with the same positions.
    return np.asarray(vectors.take(rows, axis=1) * vectors.take(columns, axis=1), dtype=np.float64)


def packed_squares(vectors: Floats) -> Floats:
    """Like `packed_outer`, with what is off the diagonal doubled: ``pack(A) @ packed_squares(x).T`` is x'Ax."""
    rows, columns = _triangle(vectors.shape[1])
    return np.where(rows == columns, 1.0, 2.0) * packed_outer(vectors)


def invert_each(matrices: Floats) -> Floats:
    """Shape (n, k, k): the inverse of each."""
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def solve_each(matrices: Floats, vectors: Floats) -> Floats:
    """Shape (n, k): the solution of each of n small systems."""
    return np.asarray(np.linalg.solve(matrices, vectors[:, :, None])[:, :, 0])


@cache
def _triangle(k: int) -> tuple[Places, Places]:
    return np.triu_indices(k)


@cache
def _places(k: int) -> Places:
    """Shape (k, k): position of each cell in the packed row."""
    rows, columns = _triangle(k)
    places = np.empty((k, k), dtype=np.int64)
    places[rows, columns] = places[columns, rows] = np.arange(len(rows))
    return places
