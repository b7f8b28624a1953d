"""The source ALS, fitted to rows of the lake that stay with the workers: only sums over items come to the driver."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from jobs.adapters.spark.als import SparkAls
from jobs.core.errors import ModelError
from jobs.datasets.history import Goal, Ids
from jobs.models.sources.als import Als
from jobs.models.weighting import Bm25


def fit_als(engine: SparkAls, als: Als, rows: DataFrame, cut: date, goal: Goal, items: Ids) -> Als:
    """Fit the source without a history here.

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
    numbered = _by_item(engine.spark, items.tolist(), "item_id")
    known = rows.join(F.broadcast(numbered), on="item_id", how="inner")
    is_bought = goal == "purchases" and als.signal == "goal"
    weights = weigh_pairs(known, cut, "n_purchases" if is_bought else "weight", als).persist()
    try:
        n_pairs, n_users = weights.count(), weights.select("user").distinct().count()
        if not n_pairs:
            raise ModelError(f"source 'als': nobody has any '{als.signal}' up to {cut}")
        bm25 = _measured(weights, known.select("user_id").distinct().count(), len(items), als)
        # On the average the same as without MLlib's multiplication.
        each = als.regularization * n_users / n_pairs
        ratings = _ratings(weights, bm25, als)
        factors = engine.solve_frame(ratings, len(items), als.factors, each, als.iterations, als.seed)
    finally:
        weights.unpersist()
    return als.restore(items, factors, bm25)


def weigh_pairs(rows: DataFrame, cut: date, counted: str, als: Als) -> DataFrame:
    """One row per user and item with something that speaks for it: user, item and weight, float above 0.

    Late events of a day are added to it before what is below 0 is left out, as `History` does.
    """
    age = F.datediff(F.lit(cut), F.col("event_day"))
    a_day = rows.groupBy("user_id", "item", "event_day").agg(F.sum(counted).cast("double").alias("counted"))
    faded = F.greatest(F.col("counted"), F.lit(0.0)) * F.pow(F.lit(2.0), -age / F.lit(als.half_life_days))
    pairs = a_day.groupBy("user_id", "item").agg(F.sum(faded).cast("float").alias("weight")).where("weight > 0")
    return pairs.join(_user_numbers(pairs), on="user_id", how="inner").select("user", "item", "weight")


def _user_numbers(pairs: DataFrame) -> DataFrame:
    """One row per user: user_id and user, the numbers from 0 on that MLlib wants."""
    users = pairs.select("user_id").distinct().sort("user_id")
    return users.rdd.map(lambda row: row.user_id).zipWithIndex().toDF("user_id string, user int")


def _measured(weights: DataFrame, n_users: int, n_items: int, als: Als) -> Bm25:
    """What `Bm25.fit` measures; one row per item comes here."""
    found = weights.groupBy("item").agg(F.count("*").alias("owners"), F.sum("weight").alias("total")).toArrow()
    owners = np.zeros(n_items)
    owners[found["item"].to_numpy()] = found["owners"].to_numpy()
    total = float(np.sum(found["total"].to_numpy()))
    return Bm25.of_owners(owners, n_users, total / max(1, n_users), als.bm25_k1, als.bm25_b)


def _ratings(weights: DataFrame, bm25: Bm25, als: Als) -> DataFrame:
    """user, item, rating: alpha times the weight, or its BM25."""
    raw = F.col("weight").cast("double")
    if als.weighting == "bm25":
        idf = _by_item(weights.sparkSession, bm25.idf.astype(np.float64), "idf")
        weights = weights.join(F.broadcast(idf), on="item", how="inner")
        length = F.sum(raw).over(Window.partitionBy("user"))
        norm = F.lit(1.0 - bm25.b) + F.lit(bm25.b) * length / F.lit(bm25.average_length)
        weighted = raw * F.lit(bm25.k1 + 1.0) / (F.lit(bm25.k1) * norm + raw) * F.col("idf")
    else:
        weighted = raw
    return weights.select("user", "item", (F.lit(als.alpha) * weighted).cast("float").alias("rating"))


def _by_item(spark: SparkSession, values: Any, name: str) -> DataFrame:
    """One row per item: its position `item`, and a value."""
    return spark.createDataFrame(pa.table({"item": np.arange(len(values), dtype=np.int32), name: values}))
