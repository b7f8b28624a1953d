"""Columns of sparse matrices brought to one length."""

import numpy as np
from scipy.sparse import csr_matrix, diags


def unit_columns(matrix: csr_matrix) -> csr_matrix:
    """Every column divided by its Euclidean length; an empty one stays empty."""
    squares = np.asarray(matrix.multiply(matrix).sum(axis=0), dtype=np.float64).ravel()
    lengths = np.sqrt(np.where(squares > 0, squares, 1))
    return (matrix @ diags(1 / lengths)).tocsr()
