"""Item factors of implicit ALS, solved by Spark's MLlib: where the interactions outgrow one machine.

It minimizes what `jobs.models.sources.als` minimizes, but for the regularization, which MLlib multiplies by the
number of a user's or an item's interactions. Only factors of items come back; users are folded in from their
histories, as they are with factors that were solved here. MLlib adds up in the order in which the parts of a night
meet: the last digits of factors differ from run to run, so a night that is run again may differ in near ties.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from scipy.sparse import csr_matrix

Factors = npt.NDArray[np.float32]

CHECKPOINT_SWEEPS = 5
"""Each sweep makes the plan longer; after some dozen of them tasks overflow Java's stack."""


@dataclass(frozen=True)
class SparkAls:
    """MLlib's ALS on the session's machines: an `AlsSolver`.

    Attributes
    ----------
    spark
        The session.
    checkpoints
        A folder that driver and workers share; factors are kept there while a fit runs.
    blocks
        Parts of users and of items that are solved side by side; two for each core keep all of them busy.
    """

    spark: SparkSession
    checkpoints: Path
    blocks: int = 4

    def solve(
        self, confidence: csr_matrix, factors: int, regularization: float, iterations: int, seed: int
    ) -> Factors:
        """Item factors of a matrix that is here; see `AlsSolver.solve`."""
        entries = confidence.tocoo()
        table = pa.table({"user": entries.row, "item": entries.col, "rating": entries.data - np.float32(1)})
        ratings = self.spark.createDataFrame(table)
        # On the average the same as without MLlib's multiplication.
        n_users = np.count_nonzero(np.diff(confidence.indptr))
        each = regularization * n_users / max(1, confidence.nnz)
        return self.solve_frame(ratings, confidence.shape[1], factors, each, iterations, seed)

    def solve_frame(
        self, ratings: DataFrame, n_items: int, factors: int, regularization: float, iterations: int, seed: int
    ) -> Factors:
        """Item factors of interactions that are with the workers; no user comes to the driver.

        Parameters
        ----------
        ratings
            One row per user and item: ``user`` and ``item``, int, the latter below ``n_items``, and ``rating``, float
            above 0: confidence less one. At least one.
        n_items, factors, iterations, seed
            Parameters of `Als`, and the length of the answer.
        regularization
            Of each interaction.
        """
        self.spark.sparkContext.setCheckpointDir(str(self.checkpoints))
        solver = ALS(
            rank=factors,
            maxIter=iterations,
            regParam=regularization,
            implicitPrefs=True,
            # The weights are in the ratings already.
            alpha=1.0,
            seed=seed,
            numUserBlocks=self.blocks,
            numItemBlocks=self.blocks,
            checkpointInterval=CHECKPOINT_SWEEPS,
        )
        return _placed(solver.fit(ratings).itemFactors.toArrow(), n_items, factors)


def _placed(found: pa.Table, n_items: int, factors: int) -> Factors:
    """MLlib's rows (id, features), each at its item's position."""
    placed = np.zeros((n_items, factors), dtype=np.float32)
    values = found["features"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    placed[found["id"].to_numpy()] = values.reshape(found.num_rows, factors)
    return placed
