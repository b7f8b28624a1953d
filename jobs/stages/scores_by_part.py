"""Scores of users where predictions.engine is spark: each part of them is asked about on a worker."""

from collections.abc import Callable, Iterable

import pandas as pd
from pyspark.sql import SparkSession

from jobs.adapters.spark.types import spark_type
from jobs.core.output_schemas import PREDICTIONS
from jobs.models.predictions.model import PredictionModel
from jobs.models.predictions.scoring import COLUMNS, score

_COLUMNS = {column.name: column for column in PREDICTIONS.columns}
SCHEMA = ", ".join(f"{name} {spark_type(_COLUMNS[name].type)}" for name in COLUMNS)


def score_by_part(
    spark: SparkSession, model: PredictionModel, users: pd.DataFrame, features: list[str], users_per_part: int
) -> pd.DataFrame:
    """The rows of `score`, made in parts.

    Parameters
    ----------
    spark
        A session; the model goes to each worker once.
    model, users, features
        As `score` takes them.
    users_per_part
        About so many are asked about at a time.
    """
    sent = spark.sparkContext.broadcast(model)
    needed = users[["user_id", "segment", *features]].astype(dict.fromkeys(features, "float64"))
    n_parts = max(1, -(-len(users) // users_per_part))
    parts = spark.createDataFrame(needed).repartition(n_parts, "user_id")
    rows = parts.mapInPandas(_on_worker(lambda: sent.value, features), SCHEMA).toPandas()
    lists = {name: rows[name].map(list) for name in ("days", "curve", "reasons")}
    return rows.assign(**lists).set_index("user_id").loc[users["user_id"]].reset_index()[list(COLUMNS)]


def _on_worker(
    model: Callable[[], PredictionModel], features: list[str]
) -> Callable[[Iterable[pd.DataFrame]], Iterable[pd.DataFrame]]:
    def work(parts: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
        for part in parts:
            yield score(model(), part, features)

    return work
