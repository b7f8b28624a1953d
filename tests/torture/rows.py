"""The generations of the torture: number n is of day n, and every value of it says n."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.adapters.online.leaving import Leaving
from jobs.adapters.online.publishing import Offer
from jobs.features.online import ONLINE_VIEWS
from jobs.features.spec import FeatureView

FIRST = date(2025, 1, 1)
VIEWS = ("recs_for_you", "recs_discover", "churn", "user_serving")
"""Of users."""

OVERALL = "everybody_for_you"
LEAVES_AFTER = 3  # publishes in which each visiting user takes part


def generation(number: int) -> Generation:
    """Generation of a number; its name begins with day `number`."""
    day = FIRST + timedelta(number)
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(1)
    return Generation(day, f"{number:016x}", end, datetime(2100, 1, 1, tzinfo=UTC), StatusMark(day, f"s{number}"))


def number_of(name: str) -> int:
    """Number of the generation of that name."""
    return (date.fromisoformat(name[:10]) - FIRST).days


def users_of(number: int, stable: int) -> list[str]:
    """Users of a generation: those who stay, visitors, each of whom leaves after some publishes, and quitters."""
    visitors = [f"v{at:05d}" for at in range(max(0, number - LEAVES_AFTER + 1), number + 1)]
    return sorted([f"u{at:05d}" for at in range(stable)] + visitors + quitters_of(stable, stable))


def quitters_of(number: int, stable: int) -> list[str]:
    """Users who have opted out by a generation, one more with each; at most a tenth of those who stay."""
    return [f"q{at:05d}" for at in range(min(number, stable // 10))]


def offer(number: int, stable: int, folder: Path) -> Offer:
    """The files of a generation, written where they are not, and the offer of it."""
    files = {name: [_file(folder / str(number), ONLINE_VIEWS[name], number, stable)] for name in (*VIEWS, OVERALL)}
    gone = dict.fromkeys(quitters_of(number, stable), "opted_out")
    of = generation(number)
    return Offer(of, files, lambda: Leaving(gone, {delisted_of(number)}, of.status))


def delisted_of(number: int) -> str:
    """An item that all lists of a generation name, and that can no longer be had when it is published."""
    return f"gone{number}"


def _file(folder: Path, view: FeatureView, number: int, stable: int) -> Path:
    file = folder / f"{view.name}.parquet"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        frame = _frame(view, number, ["everybody"] if view.name == OVERALL else users_of(number, stable))
        beside = file.with_suffix(f".{id(frame)}")
        pq.write_table(pa.Table.from_pandas(frame, schema=arrow_schema(view.table), preserve_index=False), beside)
        beside.rename(file)
    return file


def _frame(view: FeatureView, number: int, users: list[str]) -> pd.DataFrame:
    values = {
        "string": str(number),
        "double": float(number),
        "array<string>": [f"i{number}", delisted_of(number), f"j{number}"],
        "array<double>": [float(number), 0.7, 0.5],
        "boolean": False,
    }
    rows = [
        {view.key: user, "event_timestamp": generation(number).event_time}
        | {column.name: values[column.type] for column in view.features}
        for user in users
    ]
    frame = pd.DataFrame(rows)
    if view.name == "user_serving":
        frame["status"] = "active"
    return frame
