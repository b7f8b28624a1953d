"""Factors that Spark solves rank as those that are solved here."""

from pathlib import Path

import numpy as np
import pytest
from planted_tastes import CUT, ndcg, past_of, planted_rows

from jobs.adapters.spark.als import SparkAls
from jobs.core.errors import ModelError
from jobs.models.sources.als import Als
from jobs.models.sources.als_solver import running_engine
from jobs.stages.als_engine import fit_on_rows

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
    far = fit_on_rows(engine, Als(**PARAMS), spark.createDataFrame(rows[0]), CUT, "purchases", past.items)
    assert np.allclose(far._bm25.idf, here._bm25.idf)
    assert far._bm25.average_length == pytest.approx(here._bm25.average_length)
    assert ndcg(far, past, rows[1]) == pytest.approx(ndcg(here, past, rows[1]), rel=0.05)


def test_nobody_who_bought_anything_is_an_error(spark, engine, past, rows):
    looked = rows[0].assign(n_purchases=0)
    with pytest.raises(ModelError, match="nobody has any 'n_purchases' up to 2025-02-28"):
        fit_on_rows(engine, Als(**PARAMS), spark.createDataFrame(looked), CUT, "purchases", past.items)


def test_an_engine_that_does_not_run_is_named(past):
    with pytest.raises(ModelError, match="no engine 'spark' runs in this process"):
        Als(**PARAMS, engine="spark").fit(past)
