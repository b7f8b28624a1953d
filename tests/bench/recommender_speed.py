"""Training ALS beside implicit's own fit and beside Spark's, on one made log."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from rich.console import Console
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from jobs.adapters.spark.als import SparkAls
from jobs.adapters.spark.session import spark_session
from jobs.core.config import load_settings
from jobs.models.factors import factor_top_k
from jobs.models.sources.als import Als
from jobs.models.sources.als_solver import running_engine
from tests.bench.alternate import in_turn, ratio, timed
from tests.bench.recommender_data import MadeLog, make_log

USERS, ITEMS, MEAN_ITEMS = 20_000, 5_000, 40
FACTORS, ITERATIONS = 64, 15
K = 10
FIT_REPEATS, SPARK_REPEATS = 7, 3


def run_als(console: Console) -> dict[str, Any]:
    """Seconds of `Als.fit`, from histories to checked factors, and of implicit's `fit` on the matrix it makes."""
    log = make_log(USERS, ITEMS, MEAN_ITEMS)
    confidence = _confidence_of(log)
    console.print(f"ALS and implicit's fit: {USERS:,} users, {ITEMS:,} items, {confidence.nnz:,} pairs")
    sides: dict[str, Callable[[], float]] = {
        "ours": lambda: timed(lambda: _als().fit(log.past)),
        "implicit": lambda: timed(lambda: _fit_implicit(confidence)),
    }
    in_turn(sides, 1)
    found = in_turn(sides, FIT_REPEATS)
    return {
        "als_fit_seconds": median(found["ours"]),
        "implicit_fit_seconds": median(found["implicit"]),
        "als_fit_over_implicit": ratio(found, "ours", "implicit"),
    }


def run_spark_als(console: Console, root: Path) -> dict[str, Any]:
    """Seconds of the same fit by Spark's MLlib in a session that has started, and nDCG of both on unseen items."""
    log = make_log(USERS, ITEMS, MEAN_ITEMS)
    settings = load_settings("sample").spark
    # Its solver is the kind of work that Java's thorough compiler is for.
    settings = settings.model_copy(update=settings.large.model_dump(exclude={"rows"}))
    spark = spark_session(settings, root / "work" / "spark-als", "bench")
    fitted: dict[str, Als] = {}
    try:
        with running_engine("spark", SparkAls(spark, root / "work" / "spark-als" / "checkpoints")):
            console.print(f"ALS here and in Spark: {USERS:,} users, {ITEMS:,} items")
            sides = {engine: _keeping(fitted, engine, log) for engine in ("local", "spark")}
            # The first round warms Java's compiler up.
            in_turn(sides, 1)
            found = in_turn(sides, SPARK_REPEATS)
    finally:
        spark.stop()
    return {
        "spark_als_seconds": median(found["spark"]),
        "spark_als_beside_als_seconds": median(found["local"]),
        "spark_als_over_als": ratio(found, "spark", "local"),
        "als_ndcg_at_10": _ndcg(fitted["local"], log),
        "spark_als_ndcg_at_10": _ndcg(fitted["spark"], log),
    }


def _als(**params: Any) -> Als:
    return Als(factors=FACTORS, iterations=ITERATIONS, **params)


def _confidence_of(log: MadeLog) -> csr_matrix:
    """The very matrix that our fit hands to implicit."""
    seen: list[csr_matrix] = []

    class Recorder:
        def solve(self, confidence: csr_matrix, factors: int, *_: object) -> np.ndarray:
            seen.append(confidence)
            return np.zeros((confidence.shape[1], factors), dtype=np.float32)

    with running_engine("spark", Recorder()):
        _als(engine="spark").fit(log.past)
    return seen[0]


def _fit_implicit(confidence: csr_matrix) -> None:
    with threadpool_limits(1, user_api="blas"):
        model = AlternatingLeastSquares(factors=FACTORS, regularization=0.05, iterations=ITERATIONS, random_state=0)
        model.fit(confidence, show_progress=False)


def _keeping(fitted: dict[str, Als], engine: str, log: MadeLog) -> Callable[[], float]:
    def fit() -> float:
        fitted[engine] = _als(engine=engine)
        return timed(lambda: fitted[engine].fit(log.past))

    return fit


def _ndcg(als: Als, log: MadeLog) -> float:
    """Of lists without what a user had, against what the user also wants."""
    history = log.past.history
    lists = factor_top_k(als.user_factors(history), als.item_factors, K, history.matrix()).items
    hits = np.asarray(log.truth[np.arange(len(lists))[:, None], lists].todense()) > 0
    discount = 1 / np.log2(np.arange(2, K + 2))
    return float((hits @ discount).mean() / discount.sum())
