"""Histories of users, part by part, on the workers: where lists are made of more users than one machine holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from pyspark import Broadcast
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.datasets.history import COUNTS, Goal, History, Ids
from jobs.datasets.recommender_rows import PAIR_COLUMNS

_PART = "part"

Work = Callable[[History, pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class UserPartitions:
    """Users and what they did, in parts that a worker holds one at a time.

    Attributes
    ----------
    rows
        Rows of `user_item_daily` up to the cut, of the days that a history holds.
    users
        One row per user who is to be answered: user_id, country, platform, and what else the work needs of a user.
        One without rows has an empty history.
    cut, goal, items
        Of the histories; see `History.from_frame`.
    users_per_part
        About so many; a worker holds the scores of all items for some of them at a time.
    """

    rows: DataFrame
    users: DataFrame
    cut: date
    goal: Goal
    items: Ids
    users_per_part: int

    def map(self, work: Work, schema: StructType | str) -> DataFrame:
        """Rows that are made of each part's history, without any of them coming to the driver.

        Parameters
        ----------
        work
            Makes rows of `schema` for the users of a history, given their rows of `users` in the same order. What
            it holds, such as a model, goes to each worker once.
        schema
            Of the rows.
        """
        spark = self.rows.sparkSession
        sent = spark.sparkContext.broadcast((work, self.cut, self.goal, self.items))
        n_parts = max(1, -(-self.users.count() // self.users_per_part))
        part = F.pmod(F.xxhash64("user_id"), F.lit(n_parts)).alias(_PART)
        events = self.rows.select(part, *(_plain(name) for name in PAIR_COLUMNS)).groupBy(_PART)
        who = self.users.select(part, "*").groupBy(_PART)
        return who.cogroup(events).applyInPandas(_on_worker(sent), schema)


def _plain(name: str) -> Column:
    """Decimals would come to Python one object at a time."""
    return F.col(name).cast("double") if name in COUNTS else F.col(name)


def _on_worker(sent: Broadcast[tuple[Work, date, Goal, Ids]]) -> Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    def work_on(users: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        work, cut, goal, items = sent.value
        ids = users["user_id"].to_numpy(dtype=np.str_)
        order = np.argsort(ids)
        return work(History.from_frame(rows, cut, goal, users, items, ids[order]), users.iloc[order])

    return work_on
