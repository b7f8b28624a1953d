"""Stock side: Spark's ALS over all pairs, and its twenty best items of every user.

``python -m tests.bench.same_outputs.stock_lists OUT``
"""

import sys
from pathlib import Path

from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from tests.bench.same_outputs.outputs import ALS_PARAMS, LIST_ITEMS
from tests.bench.same_outputs.stock_spark import stock_session


def numbered(rows: DataFrame, name: str) -> DataFrame:
    """A number for each id, as ALS wants it."""
    ids = rows.select(name).distinct()
    return ids.withColumn(f"{name}_number", F.row_number().over(Window.orderBy(name)))


def main() -> None:
    """Fit, recommend and write ``OUT/lists``: user_id, items, scores."""
    out = Path(sys.argv[1])
    spark: SparkSession = stock_session(out)
    pairs = spark.read.parquet(str(out / "pairs"))
    users, items = numbered(pairs, "user_id").cache(), numbered(pairs, "item_id").cache()
    told = pairs.join(users, "user_id").join(items, "item_id").cache()
    als = ALS(
        rank=ALS_PARAMS["factors"], maxIter=ALS_PARAMS["iterations"], regParam=ALS_PARAMS["regularization"],
        implicitPrefs=True, alpha=ALS_PARAMS["alpha"], userCol="user_id_number", itemCol="item_id_number",
        ratingCol="weight", seed=0,
    )  # fmt: skip
    found = als.fit(told).recommendForAllUsers(LIST_ITEMS)
    flat = found.select("user_id_number", F.posexplode("recommendations").alias("place", "told"))
    named = flat.select("user_id_number", "place", "told.item_id_number", "told.rating")
    named = named.join(F.broadcast(items), "item_id_number").join(users, "user_id_number")
    lists = named.groupBy("user_id").agg(
        F.sort_array(F.collect_list(F.struct("place", "item_id", "rating"))).alias("l")
    )
    lists = lists.selectExpr("user_id", "l.item_id AS items", "transform(l.rating, r -> CAST(r AS double)) AS scores")
    lists.write.mode("overwrite").parquet(str(out / "lists"))
    spark.stop()


if __name__ == "__main__":
    main()
