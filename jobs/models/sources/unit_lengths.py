"""Rows and columns of sparse matrices brought to Euclidean length 1."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """Every row divided by its length; an empty one stays empty."""
    return (diags(_inverse_lengths(matrix, axis=1)) @ matrix).tocsr()


def unit_columns(matrix: csr_matrix) -> csr_matrix:
    """Every column divided by its length; an empty one stays empty."""
    return (matrix @ diags(_inverse_lengths(matrix, axis=0))).tocsr()


def _inverse_lengths(matrix: csr_matrix, axis: int) -> npt.NDArray[np.float64]:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=axis), dtype=np.float64).ravel()
    return np.asarray(1 / np.sqrt(np.where(squares > 0, squares, 1)), dtype=np.float64)
