"""Inputs that change while a stage stands still: it planned with half of a table, the whole one came meanwhile."""

import shutil
from dataclasses import dataclass

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.put import put_partition
from jobs.datasets.tables import table_named
from tests.torture.nights.lane import DAY, Lane

# Stage -> the table of its inputs that is spoiled. Without those that train: what they made of the spoiled rows
# stands in MLflow rightly.
INPUTS = {
    "clean_events": "raw_events",
    "build_features": "user_item_daily",
    "profile_users": "user_activity",
    "recommend": "user_item_daily",
    "score_users": "user_activity",
    "publish": "recommendations",
}


@dataclass(frozen=True)
class Spoiled:
    """A table of the night with half of its rows, and the way back.

    Attributes
    ----------
    lake, true
        The table's partition as it has to be.
    """

    lake: Lake
    true: Manifest

    @classmethod
    def of(cls, lane: Lane, stage: str) -> "Spoiled":
        """Leave every second row out of what the stage reads."""
        lake = Lake(lane.home.lake)
        true = lake.require(INPUTS[stage], DAY, "test")
        table = table_named(true.table)
        put_partition(lake, table, DAY, read_pandas(lake, table, true).iloc[::2], "torture")
        return cls(lake, true)

    def correct(self) -> None:
        """Make the true rows current again, as a run of the stage before would: under a later attempt."""
        attempt = self.lake.begin(self.true.table)
        shutil.copytree(self.lake.attempt_folder(self.true), attempt.folder, dirs_exist_ok=True)
        assert self.lake.commit(self.true.model_copy(update={"attempt": attempt.number}))
