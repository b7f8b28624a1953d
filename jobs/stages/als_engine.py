"""Spark's ALS for the source of that name: while recommender.engine is spark, and on rows of the lake."""

from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import TYPE_CHECKING

from jobs.datasets.history import Goal, Ids
from jobs.models.sources.als import Als
from jobs.models.sources.als_solver import running_engine
from jobs.models.weighting import Bm25
from jobs.stages.job import Job

# Spark takes seconds to import.
if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from jobs.adapters.spark.als import SparkAls


def als_engine(job: Job) -> AbstractContextManager[None]:
    """While it is open, the source ALS finds the engine that the settings name.

    Spark keeps factors of a running fit below ``NIGHTJAR_HOME``, which its workers read the lake from as well.
    """
    if job.night.settings.recommender.engine == "local":
        return nullcontext()
    from jobs.adapters.spark.als import SparkAls

    return running_engine("spark", SparkAls(job.spark, job.home.root / "spark" / "checkpoints"))


def fit_on_rows(engine: "SparkAls", als: Als, rows: "DataFrame", cut: date, goal: Goal, items: Ids) -> Als:
    """Fit the source to rows that stay with the workers: where not even one process's memory holds all histories.

    Parameters
    ----------
    engine
        Solves the factors.
    als
        Gives the parameters, and is what comes back.
    rows
        Rows of `user_item_daily` up to the cut, of the days that a history holds.
    cut, goal
        As of a `History`.
    items
        Shape (n_items,), ascending; rows of others are left out.

    Raises
    ------
    ModelError
        If nobody reached the goal.
    """
    from jobs.adapters.spark.als_rows import RowsRecipe, solve_rows

    recipe = RowsRecipe(
        counted="n_purchases" if goal == "purchases" and als.signal == "goal" else "weight",
        half_life_days=als.half_life_days,
        alpha=als.alpha,
        k1=als.bm25_k1,
        b=als.bm25_b,
        idf=(lambda owners, n: Bm25.of_owners(owners, n, 1.0, 1.0, 0.0).idf) if als.weighting == "bm25" else None,
        factors=als.factors,
        regularization=als.regularization,
        iterations=als.iterations,
        seed=als.seed,
    )
    solved = solve_rows(engine, recipe, rows, cut, items)
    bm25 = Bm25.of_owners(solved.owners, solved.n_users, solved.average_length, als.bm25_k1, als.bm25_b)
    return als.restore(items, solved.item_factors, bm25)
