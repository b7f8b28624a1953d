"""Many days read at once: rows in order, light types, and what is missing or of another shape."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from jobs.adapters.lake import Lake
from jobs.adapters.lake.days import manifests_between, read_days
from jobs.adapters.lake.put import put_partition
from jobs.core.daily_schemas import ITEM_DAILY
from jobs.core.errors import MissingPartitionError, StorageError

DAY = date(2025, 3, 3)


def put(lake: Lake, day: date, rows: dict[str, str], **manifest: int) -> None:
    """Prices of items."""
    columns = list(ITEM_DAILY.column_names)
    fill = {"n_events": 1, "n_purchases": 0, "n_users": 1, "revenue": Decimal(0), "weight": Decimal(1)}
    frame = pd.DataFrame([{**fill, "item_id": item, "price": Decimal(price)} for item, price in rows.items()])
    put_partition(lake, ITEM_DAILY, day, frame.reindex(columns=columns), "test", **manifest)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "apps" / "shop" / "lake")
    put(lake, DAY + timedelta(1), {"b": "2.5", "a": "0.1"})
    put(lake, DAY, {"c": "9"})
    put(lake, DAY + timedelta(2), {})
    return lake


def spanned(lake, first=0, last=2):
    return manifests_between(lake, ITEM_DAILY, DAY + timedelta(first), DAY + timedelta(last), "clean_events")


def test_rows_come_by_day_and_grain_in_light_types(lake):
    rows = read_days(lake, ITEM_DAILY, spanned(lake)[::-1], ["price", "item_id"])
    assert rows.columns.tolist() == ["run_date", "price", "item_id"]
    assert rows["item_id"].tolist() == ["c", "a", "b"]
    assert rows["price"].tolist() == [9.0, 0.1, 2.5]
    assert rows["run_date"].dt.day.tolist() == [3, 4, 4]
    assert isinstance(rows["item_id"].dtype, pd.CategoricalDtype)
    assert str(rows["price"].dtype) == "float64"


def test_no_rows_have_the_same_columns(lake):
    rows = read_days(lake, ITEM_DAILY, spanned(lake, 2, 2), ["item_id"])
    assert rows.columns.tolist() == ["run_date", "item_id"]
    assert rows.empty
    assert read_days(lake, ITEM_DAILY, [], ["item_id"]).empty


def test_days_before_the_oldest_partition_have_left_the_lake(lake):
    assert [manifest.run_date for manifest in spanned(lake, -5, 1)] == [DAY, DAY + timedelta(1)]


def test_a_gap_and_a_last_day_that_is_not_there_are_errors(lake):
    with pytest.raises(MissingPartitionError, match=r"item_daily.*2025-03-06.*run clean_events"):
        spanned(lake, 0, 3)
    lake.retire("item_daily", DAY + timedelta(1))
    with pytest.raises(MissingPartitionError, match="2025-03-04"):
        spanned(lake)


def test_files_of_another_schema_or_damaged_ones_are_named_with_the_command_that_mends_them(lake):
    put(lake, DAY, {"c": "9"}, schema_version=1)
    with pytest.raises(StorageError, match=r"schema version 1, this code reads 2.*nightjar test --app shop"):
        read_days(lake, ITEM_DAILY, spanned(lake), ["item_id"])
    put(lake, DAY, {"c": "9"})
    lake.paths(spanned(lake)[0])[0].unlink()
    with pytest.raises(StorageError, match="2025-03-03: a file is damaged or gone"):
        read_days(lake, ITEM_DAILY, spanned(lake), ["item_id"])
