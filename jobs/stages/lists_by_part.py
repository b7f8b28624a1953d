"""Lists of users where recommender.engine is spark: each part of them is answered on a worker, none comes here."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from jobs.adapters.spark.types import spark_schema
from jobs.adapters.spark.user_partitions import UserPartitions
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets.history import History
from jobs.models.surfaces.user_rows import UserRows
from jobs.stages.job import Job

SEGMENT = "segment"


@dataclass(frozen=True)
class OfPart:
    """What is sent to the workers."""

    maker: UserRows

    def __call__(self, history: History, users: pd.DataFrame) -> pd.DataFrame:
        """Rows of the users of one part."""
        return self.maker.of(history, users[SEGMENT].to_numpy(dtype=np.str_))


def write_lists_by_part(job: Job, maker: UserRows, users: pd.DataFrame, others: pd.DataFrame) -> None:
    """Write `recommendations`.

    Parameters
    ----------
    job
        Of the stage recommend.
    maker
        Makes the rows of some users.
    users
        Those who are to be answered: user_id, country, platform and `SEGMENT`.
    others
        Rows of the other rungs and of items.
    """
    told, day = job.night.settings.recommender, job.night.run_date
    first = day - timedelta(told.history_days - 1)
    partitions = UserPartitions(
        rows=job.read_spark(USER_ITEM_DAILY).where(F.col("event_day") >= F.lit(first)),
        users=job.spark.createDataFrame(users),
        cut=day,
        goal=told.goal,
        items=maker.catalogue.items,
        users_per_part=told.users_per_part,
    )
    schema = spark_schema(RECOMMENDATIONS)
    own = partitions.map(OfPart(maker), schema)
    rows = own.unionByName(job.spark.createDataFrame(others[list(RECOMMENDATIONS.column_names)], schema))
    job.write_spark(RECOMMENDATIONS, rows.withColumn("run_date", F.lit(day)))
