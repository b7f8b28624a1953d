"""Users answered part by part on workers get the lists of one process."""

import numpy as np
import pandas as pd
import pytest
from planted_tastes import CUT, past_of, planted_rows

from jobs.adapters.spark.types import spark_schema
from jobs.adapters.spark.user_partitions import UserPartitions
from jobs.core.config import load_settings
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.sources.als import Als
from jobs.models.surfaces.rungs import RungLists
from jobs.models.surfaces.user_rows import UserRows
from jobs.stages.lists_by_part import OfPart

STRANGER = "zoe"
GRAIN = list(RECOMMENDATIONS.grain)


@pytest.fixture(scope="module")
def rows():
    return planted_rows()[0]


@pytest.fixture(scope="module")
def past(rows):
    return past_of(rows)


@pytest.fixture(scope="module")
def maker(past):
    als = SingleSourceRecommender(Als(factors=8, iterations=6).fit(past), "als")
    rungs = RungLists.none(past.items)
    return UserRows(als, "als-2025-02-28-0a1b2c3d", past.catalogue, None, None, rungs, load_settings("sample"))


def test_the_same_rows_however_many_parts(spark, rows, past, maker):
    users = np.append(past.history.users, STRANGER)
    told = pd.DataFrame({"user_id": users, "country": "FR", "platform": "web", "segment": "active"}, dtype=object)
    shuffled = told.sample(frac=1, random_state=1)
    partitions = UserPartitions(
        spark.createDataFrame(rows), spark.createDataFrame(shuffled), CUT, "purchases", past.items, users_per_part=40
    )
    made = partitions.map(OfPart(maker), spark_schema(RECOMMENDATIONS)).toPandas()
    history = past.history.of_users(users)
    expected = maker.of(history, np.full(len(users), "active"))
    assert set(made["key"]) == set(past.history.users)
    pd.testing.assert_frame_equal(_sorted(made), _sorted(expected), check_dtype=False)


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(GRAIN, ignore_index=True)
