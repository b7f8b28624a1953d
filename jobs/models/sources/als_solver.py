"""Who solves item factors: implicit in this process, or an engine that a stage has started."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError

Engine = Literal["local", "spark"]
Factors = npt.NDArray[np.float32]


class AlsSolver(Protocol):
    """Solves implicit ALS somewhere else."""

    def solve(
        self, confidence: csr_matrix, factors: int, regularization: float, iterations: int, seed: int
    ) -> Factors:
        """Solve a matrix of shape (n_users, n_items), 1 and more; the rest are parameters of `Als`.

        Returns
        -------
        ndarray
            Shape (n_items, factors), float32, zeros for an item that nobody had.
        """
        ...


_running: dict[str, AlsSolver] = {}


@contextmanager
def running_engine(name: Engine, solver: AlsSolver) -> Iterator[None]:
    """Make an engine known to sources that are fitted meanwhile."""
    _running[name] = solver
    try:
        yield
    finally:
        del _running[name]


def solver_of(engine: Engine) -> AlsSolver:
    """The engine that runs under this name.

    Raises
    ------
    ModelError
        If none does.
    """
    if engine not in _running:
        raise ModelError(
            f"source 'als': no engine '{engine}' runs in this process, only 'local'; "
            "set recommender.engine: local, or fit within running_engine"
        )
    return _running[engine]
