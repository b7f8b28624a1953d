"""ALS on rows of the lake that stay with the workers: only sums and factors of items come to the driver."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from jobs.adapters.spark.als import Factors, SparkAls
from jobs.core.errors import ModelError
from jobs.datasets.history import Ids

Values = npt.NDArray[np.float32]
Idf = Callable[[npt.NDArray[np.float64], int], Values]
"""From how many users had each item, and how many users there are, the weight of each item."""


@dataclass(frozen=True)
class RowsRecipe:
    """How rows become confidences, and confidences factors; see `jobs.models.sources.als.Als`.

    Attributes
    ----------
    counted
        Column of `user_item_daily` that speaks for an item.
    half_life_days
        After so many days it counts half.
    alpha
        How fast confidence grows with weight.
    k1, b
        Of BM25.
    idf
        Weights of items in BM25; None where weights are taken as they are.
    factors, regularization, iterations, seed
        Of ALS.
    """

    counted: str
    half_life_days: float
    alpha: float
    k1: float
    b: float
    idf: Idf | None
    factors: int
    regularization: float
    iterations: int
    seed: int


@dataclass(frozen=True)
class SolvedRows:
    """What came of rows.

    Attributes
    ----------
    item_factors
        Shape (n_items, factors), float32.
    owners
        Shape (n_items,): users for whom something speaks for it.
    n_users
        Users with a row.
    average_length
        Mean sum of weights of a user.
    """

    item_factors: Factors
    owners: npt.NDArray[np.float64]
    n_users: int
    average_length: float


def solve_rows(engine: SparkAls, recipe: RowsRecipe, rows: DataFrame, cut: date, items: Ids) -> SolvedRows:
    """Solve the factors of items.

    Parameters
    ----------
    engine, recipe
        By whom, and how.
    rows
        Rows of `user_item_daily` up to the cut, of the days that a history holds.
    cut
        Last day.
    items
        Shape (n_items,), ascending; rows of others are left out.

    Raises
    ------
    ModelError
        If nothing speaks for any item.
    """
    numbered = _by_item(engine.spark, items.tolist(), "item_id")
    known = rows.join(F.broadcast(numbered), on="item_id", how="inner")
    weights = _weigh(known, cut, recipe).persist()
    try:
        n_pairs, n_rated = weights.count(), weights.select("user").distinct().count()
        if not n_pairs:
            raise ModelError(f"source 'als': nobody has any '{recipe.counted}' up to {cut}")
        n_users = known.select("user_id").distinct().count()
        owners, total = _sums(weights, len(items))
        ratings = _ratings(weights, recipe, owners, n_users, total / n_users)
        # On the average the same as without MLlib's multiplication.
        each = recipe.regularization * n_rated / n_pairs
        factors = engine.solve_frame(ratings, len(items), recipe.factors, each, recipe.iterations, recipe.seed)
    finally:
        weights.unpersist()
    return SolvedRows(factors, owners, n_users, total / n_users)


def _weigh(rows: DataFrame, cut: date, recipe: RowsRecipe) -> DataFrame:
    """One row per user and item with something that speaks for it: user, item and weight, float above 0.

    Late events of a day are added to it before what is below 0 is left out, as `History` does.
    """
    age = F.datediff(F.lit(cut), F.col("event_day"))
    a_day = rows.groupBy("user_id", "item", "event_day").agg(F.sum(recipe.counted).cast("double").alias("counted"))
    faded = F.greatest(F.col("counted"), F.lit(0.0)) * F.pow(F.lit(2.0), -age / F.lit(recipe.half_life_days))
    pairs = a_day.groupBy("user_id", "item").agg(F.sum(faded).cast("float").alias("weight")).where("weight > 0")
    return pairs.join(_user_numbers(pairs), on="user_id", how="inner").select("user", "item", "weight")


def _user_numbers(pairs: DataFrame) -> DataFrame:
    """One row per user: user_id and user, the numbers from 0 on that MLlib wants."""
    users = pairs.select("user_id").distinct().sort("user_id")
    return users.rdd.map(lambda row: row.user_id).zipWithIndex().toDF("user_id string, user int")


def _sums(weights: DataFrame, n_items: int) -> tuple[npt.NDArray[np.float64], float]:
    """Users of each item, and the sum of all weights; one row per item comes here."""
    found = weights.groupBy("item").agg(F.count("*").alias("owners"), F.sum("weight").alias("total")).toArrow()
    owners = np.zeros(n_items)
    owners[found["item"].to_numpy()] = found["owners"].to_numpy()
    return owners, float(np.sum(found["total"].to_numpy()))


def _ratings(
    weights: DataFrame, recipe: RowsRecipe, owners: npt.NDArray[np.float64], n_users: int, average: float
) -> DataFrame:
    """user, item, rating: alpha times the weight, or its BM25."""
    weighted: Column = F.col("weight").cast("double")
    if recipe.idf is not None:
        idf = _by_item(weights.sparkSession, recipe.idf(owners, n_users).astype(np.float64), "idf")
        weights = weights.join(F.broadcast(idf), on="item", how="inner")
        length = F.sum(weighted).over(Window.partitionBy("user"))
        norm = F.lit(1.0 - recipe.b) + F.lit(recipe.b) * length / F.lit(average)
        weighted = weighted * F.lit(recipe.k1 + 1.0) / (F.lit(recipe.k1) * norm + weighted) * F.col("idf")
    return weights.select("user", "item", (F.lit(recipe.alpha) * weighted).cast("float").alias("rating"))


def _by_item(spark: SparkSession, values: Any, name: str) -> DataFrame:
    """One row per item: its position `item`, and a value."""
    return spark.createDataFrame(pa.table({"item": np.arange(len(values), dtype=np.int32), name: values}))
