"""A frame is sent to every task only where it is small."""

import pytest
from pyspark.sql import SparkSession

from jobs.transforms.broadcast import broadcast_if_small


@pytest.mark.parametrize(("most", "is_sent"), [(3, True), (2, False)])
def test_only_few_rows_are_sent(spark: SparkSession, most: int, is_sent: bool) -> None:
    narrow = broadcast_if_small(spark.range(3), most)
    plan = narrow._jdf.queryExecution().logical().toString()
    assert ("ResolvedHint" in plan or "UnresolvedHint" in plan) == is_sent
