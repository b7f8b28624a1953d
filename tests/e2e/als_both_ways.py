"""Prints nDCG of ALS with factors solved here and by the Spark that the environment names, from rows in its hands."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planted_tastes import CUT, ndcg, past_of, planted_rows

from jobs.adapters.spark.als import SparkAls
from jobs.adapters.spark.session import spark_session
from jobs.core.config import home_folder, load_settings
from jobs.models.sources.als import Als
from jobs.stages.als_engine import fit_on_rows

PARAMS = {"factors": 8, "iterations": 6}

rows, wanted = planted_rows()
past = past_of(rows)
spark = spark_session(load_settings("tiny").spark, home_folder())
engine = SparkAls(spark, home_folder() / "spark" / "checkpoints")
here = Als(**PARAMS).fit(past)
there = fit_on_rows(engine, Als(**PARAMS), spark.createDataFrame(rows), CUT, "purchases", past.items)
print(ndcg(here, past, wanted), ndcg(there, past, wanted))
