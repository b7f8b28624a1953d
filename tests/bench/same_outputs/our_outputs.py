"""Our side: after the tables of the night, the lists of one source, churn alone, and three views online.

``python -m tests.bench.same_outputs.our_outputs lists|churn|online APP OUT DAY`` in the environment of the app. The
code is that of the stages, without what they make besides: other sources and surfaces, a ranker, other predictions.
"""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import arrow_schema, read_pandas
from jobs.core.config import home_folder, load_settings
from jobs.core.config.model import Settings
from jobs.core.home import Home
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.table import Table
from jobs.features import user_activity
from jobs.features.online import ONLINE_VIEWS
from tests.bench.same_outputs.outputs import LIST_ITEMS

VIEWS = ("user_activity", "recs_for_you", "churn")
MODEL = "bench"


class Ours:
    """What the parts share: the app's settings and lake, the night, and the folder of what they write."""

    def __init__(self, app: str, out: Path, day: date) -> None:
        self.settings: Settings = load_settings(app)
        self.home = Home(home_folder(), app)
        self.lake, self.out, self.day = Lake(self.home.lake), out, day
        self.end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)

    def read(self, table: Table, day: date) -> pd.DataFrame:
        """A partition."""
        return read_pandas(self.lake, table, self.lake.require(table.name, day, "the bench"))

    def write(self, view: str, rows: pa.Table) -> None:
        """The file of a view, ordered by its key."""
        spec = ONLINE_VIEWS[view]
        self.out.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows.cast(arrow_schema(spec.table)).sort_by(spec.key), self.out / f"{view}.parquet")


def lists(ours: Ours) -> None:
    """ALS over the same pairs, and the twenty best items of every user."""
    from jobs.datasets import list_rows
    from jobs.datasets.serving_lists import build_list_view
    from jobs.features.serving import RECS_FOR_YOU
    from jobs.models.factors import factor_top_k
    from jobs.models.sources.registry import create_source
    from jobs.stages.contenders import source_params
    from jobs.stages.recommender_windows import read_past

    past = read_past(ours.lake, ours.settings, ours.day)
    own = {name: value for name, value in source_params(ours.settings)["als"].items() if name != "kind"}
    als = create_source("als", **own).fit(past)
    found = factor_top_k(als.user_factors(past.history), als.item_factors, LIST_ITEMS)
    row, place = np.nonzero(found.items >= 0)
    rows = list_rows.of_columns(
        entity="user", key=past.history.users.astype(object)[row], surface="for_you", rank=place + 1,
        item_id=past.items.astype(object)[found.items[row, place]],
        score=found.scores[row, place].astype(np.float64), reason="like_your_taste", anchor="", source="als",
        model=MODEL,
    )  # fmt: skip
    ordered = pa.Table.from_pandas(rows, schema=arrow_schema(RECOMMENDATIONS), preserve_index=False)
    ours.write("recs_for_you", build_list_view(RECS_FOR_YOU, ordered, (), LIST_ITEMS, ours.end))


def churn(ours: Ours) -> None:
    """Train on the same windows, judge on the newest closed one, and say the chance of every user."""
    from jobs.core.daily_schemas import USER_DAILY
    from jobs.datasets import predictions as sets
    from jobs.datasets.serving import build_predictions
    from jobs.models.predictions.scoring import score
    from jobs.stages.prediction_judging import fit, judge
    from jobs.stages.prediction_tasks import recipe_of, task_of

    settings, told = ours.settings, sets.PREDICTIONS["churn"]
    cuts = sets.label_cuts(settings, ours.day, told)
    features = {cut: ours.read(user_activity.SPEC.table, cut)[list(sets.READ)] for cut in cuts}
    days = [min(cuts) + timedelta(n) for n in range(1, (ours.day - min(cuts)).days + 1)]
    daily = pd.concat([ours.read(USER_DAILY, day) for day in days], ignore_index=True)
    rows = sets.build(told, features, daily, settings, ours.day)
    task, recipe = task_of("churn", settings), recipe_of(settings)
    judged = judge(task, recipe, rows, settings)
    model = fit(task, recipe, rows, judged.kinds if judged else None)
    now = ours.read(user_activity.SPEC.table, ours.day)
    said = score(model, now.assign(segment="active"), list(sets.FEATURES))
    chances = build_predictions(said.assign(model=MODEL, action=""), ours.end)["churn"]
    schema = arrow_schema(ONLINE_VIEWS["churn"].table)
    ours.write("churn", pa.Table.from_pandas(chances, schema=schema, preserve_index=False))


def online(ours: Ours) -> None:
    """Publish the three views into an empty store."""
    from jobs.adapters.online.contract import decide
    from jobs.adapters.online.generation import Generation, StatusMark
    from jobs.adapters.online.leaving import Leaving
    from jobs.adapters.online.publishing import Offer, encode_slices
    from jobs.adapters.online.sqlite_store import SqliteStore

    for file in ours.out.glob("online.db*"):
        file.unlink()
    manifest = ours.lake.require("user_activity", ours.day, "build_features")
    files = {name: [ours.out / f"{name}.parquet"] for name in VIEWS} | {"user_activity": ours.lake.paths(manifest)}
    expires = ours.end + timedelta(days=7)
    generation = Generation(ours.day, manifest.digest, ours.end, expires, StatusMark(ours.day, "bench"))
    store = SqliteStore(ours.out / "online.db", "bench")
    offer = Offer(generation, files, lambda: Leaving({}, set(), generation.status))
    store.replace(decide(store.served(), generation).served, encode_slices(offer))


PARTS: dict[str, Callable[[Ours], None]] = {"lists": lists, "churn": churn, "online": online}


def main() -> None:
    """One part."""
    PARTS[sys.argv[1]](Ours(sys.argv[2], Path(sys.argv[3]), date.fromisoformat(sys.argv[4])))


if __name__ == "__main__":
    main()
