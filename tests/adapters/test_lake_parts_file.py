"""Rows written in parts are the rows of one frame, in one file that is ordered if the parts are."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import write_pandas
from jobs.adapters.lake.digest import digest_files
from jobs.adapters.lake.parts_file import PartsFile
from jobs.core.schemas import USER_STATUS

DAY = date(2025, 3, 3)
SINCE = pd.Timestamp("2025-03-01", tz="UTC").as_unit("us")


def statuses(*users: str) -> pd.DataFrame:
    return pd.DataFrame({"user_id": users, "status": "opted_out", "since": SINCE})


def files(parts: PartsFile) -> list[Path]:
    return [parts.attempt.folder / name for name in parts.attempt.files(DAY)]


def test_parts_make_one_ordered_file_with_the_digest_of_the_whole(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    parts = PartsFile(USER_STATUS, lake.begin(USER_STATUS.name), DAY)
    # Whoever makes many parts at once hands them over as they are written; columns may come in any order.
    made = parts.rows(statuses("d", "c")).select(["status", "user_id", "since"])
    for part in (statuses("b", "a"), statuses(), made, made.slice(0, 0)):
        parts.add(part)
    parts.close()
    [file] = files(parts)
    assert pq.read_table(file)["user_id"].to_pylist() == ["a", "b", "c", "d"]

    whole = lake.begin(USER_STATUS.name)
    write_pandas(USER_STATUS, statuses("a", "b", "c", "d"), whole, DAY)
    written = [whole.folder / name for name in whole.files(DAY)]
    assert digest_files(USER_STATUS, files(parts)) == digest_files(USER_STATUS, written)


def test_a_date_without_rows_has_no_file(tmp_path: Path) -> None:
    parts = PartsFile(USER_STATUS, Lake(tmp_path).begin(USER_STATUS.name), DAY)
    parts.add(statuses())
    parts.close()
    assert files(parts) == []
