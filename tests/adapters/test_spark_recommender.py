"""Factors of Spark rank as those solved here; parts of users on workers give the lists of one process."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_tastes import CUT, LIST_SCHEMA, TopLists, ndcg, past_of, planted_rows

from jobs.adapters.spark.als import SparkAls
from jobs.adapters.spark.als_rows import fit_als
from jobs.adapters.spark.user_partitions import UserPartitions
from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.models.sources.als import Als
from jobs.models.sources.als_solver import running_engine

PARAMS = {"factors": 8, "iterations": 6}


@pytest.fixture(scope="module")
def rows():
    return planted_rows()


@pytest.fixture(scope="module")
def past(rows):
    return past_of(rows[0])


@pytest.fixture(scope="module")
def here(past):
    return Als(**PARAMS).fit(past)


@pytest.fixture
def engine(spark, tmp_path: Path):
    return SparkAls(spark, tmp_path)


def test_factors_of_either_engine_rank_alike(engine, past, here, rows):
    with running_engine("spark", engine):
        there = Als(**PARAMS, engine="spark").fit(past)
    local, far = (ndcg(source, past, rows[1]) for source in (here, there))
    assert local > 0.4
    assert far == pytest.approx(local, rel=0.05)
    assert not np.allclose(here.item_factors, there.item_factors)


def test_rows_that_stay_with_the_workers_give_the_same_source(spark, engine, past, here, rows):
    far = fit_als(engine, Als(**PARAMS), spark.createDataFrame(rows[0]), CUT, "purchases", past.items)
    assert np.allclose(far._bm25.idf, here._bm25.idf)
    assert far._bm25.average_length == pytest.approx(here._bm25.average_length)
    assert ndcg(far, past, rows[1]) == pytest.approx(ndcg(here, past, rows[1]), rel=0.05)


def test_nobody_who_bought_anything_is_an_error(spark, engine, past, rows):
    looked = rows[0].assign(n_purchases=0)
    with pytest.raises(ModelError, match="nobody has any 'goal' up to 2025-02-28"):
        fit_als(engine, Als(**PARAMS), spark.createDataFrame(looked), CUT, "purchases", past.items)


def test_an_engine_that_does_not_run_is_named(past):
    with pytest.raises(ModelError, match="no engine 'spark' runs in this process"):
        Als(**PARAMS, engine="spark").fit(past)


def test_parts_on_workers_give_the_lists_of_one_process(spark, past, here, rows):
    strangers = pd.DataFrame({"user_id": ["zoe"], "country": ["FR"], "platform": ["web"]})
    users = pd.concat([pd.DataFrame({"user_id": past.history.users, "country": "", "platform": ""}), strangers])
    partitions = UserPartitions(
        spark.createDataFrame(rows[0]), spark.createDataFrame(users), CUT, "purchases", past.items, users_per_part=40
    )
    found = partitions.map(TopLists(here, 10), LIST_SCHEMA).toPandas().sort_values(["user_id", "rank"])
    history = History.from_frame(rows[0], CUT, "purchases", items=past.items)
    expected = TopLists(here, 10)(history)
    assert found["user_id"].nunique() == len(past.history.users)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True))
