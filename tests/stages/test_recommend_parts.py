"""Lists of users are made and written a part of the users at a time, and are one ordered table in the end."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from small_app import App

from jobs.adapters.lake.arrow import read_pandas
from jobs.core.night import Night
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets import list_rows
from jobs.datasets.history import COUNTS, History, Ids
from jobs.stages.catalog import stage_named
from jobs.stages.job import Job
from jobs.stages.provenance import Provenance
from jobs.stages.recommend import _write_here

DAY = date(2025, 3, 3)
USERS = ("amy", "bob", "cem", "dan", "eve")


class Maker:
    """Says of each user what was said of their segment; remembers how many were asked about at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def of(self, history: History, segments: Ids) -> pd.DataFrame:
        self.asked.append(len(history.users))
        return _rows("user", history.users.astype(object), segments.astype(object))


def _rows(entity: str, keys: object, sources: object) -> pd.DataFrame:
    return list_rows.of_columns(
        score=np.ones(len(np.atleast_1d(keys))), entity=entity, key=keys, surface="for_you", rank=1, item_id="i1",
        reason="popular", anchor="", source=sources, model="m",
    )  # fmt: skip


def test_parts_of_users_make_one_ordered_table(tmp_path: Path) -> None:
    app, maker = App(tmp_path), Maker()
    recommender = app.settings.recommender.model_copy(update={"users_per_part": 2})
    settings = app.settings.model_copy(update={"recommender": recommender})
    night, told = Night(settings, DAY, DAY), Provenance("recommend", {}, "s", "c", "f", "m")
    job = Job(stage_named("recommend"), night, app.home, app.lake, told, {})
    events = pd.DataFrame(
        {"user_id": USERS, "item_id": "i1", "event_day": DAY, "first_event_time": pd.Timestamp(DAY)}
    )
    history = History.from_frame(events.assign(**dict.fromkeys(COUNTS, 1)), DAY, "purchases")
    segments = np.array(["new", "new", "active", "active", "new"])

    _write_here(job, maker, history, segments, _rows("everybody", np.array(["everybody"]), "popularity"))

    assert job.commit() == {"recommendations": 6}
    # Parts are made side by side, and asked for as threads come to it.
    assert sorted(maker.asked) == [1, 2, 2]
    manifest = app.lake.require("recommendations", DAY, "recommend")
    found = read_pandas(app.lake, RECOMMENDATIONS, manifest)
    assert found["key"].tolist() == ["everybody", *USERS]
    assert found["source"].tolist() == ["popularity", *segments]
    [file] = app.lake.paths(manifest)
    assert pq.read_table(file)["key"].to_pylist() == found["key"].tolist(), "the file itself is ordered"
