"""A year of real orders through reading and cleaning: every row counted, and counted again by pandas."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.core.config import Settings, load_settings
from jobs.readers.log_files import SourceFiles
from jobs.readers.registry import read_log
from jobs.transforms.cleaning import count_rows, judge, place

VARIABLE = "NIGHTJAR_ONLINE_RETAIL"
FOLDER = Path(os.environ.get(VARIABLE) or "not set")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{VARIABLE} names no folder of UCI Online Retail, a CSV a day"),
]

Ledger = dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def app() -> Settings:
    return load_settings("online_retail")


@pytest.fixture(scope="module")
def files() -> dict[date, Path]:
    return {date.fromisoformat(path.stem): path for path in sorted(FOLDER.glob("*.csv"))}


@pytest.fixture(scope="module")
def ledger(spark: SparkSession, app: Settings, files: dict[date, Path]) -> Ledger:
    found = SourceFiles({day: (path,) for day, path in files.items()})
    placed = place(judge({app.log.name: read_log(spark, found, app.log)}, app).cache(), app)
    counts = count_rows(placed).groupBy("place", "reason").agg(F.sum("n_rows").alias("n"))
    return {(row["place"], row["reason"]): row["n"] for row in counts.collect()}


def count_with_pandas(orders: pd.DataFrame, settings: Settings) -> Ledger:
    """The same ledger by other means: one mask a rule, in the order of the rules."""
    rows = orders.drop_duplicates()
    quantity, price = rows["Quantity"].astype(int), rows["UnitPrice"].astype(float)
    is_cancel = rows["InvoiceNo"].str.startswith("C")
    pieces = quantity.where(~is_cancel, quantity.abs())
    rules = {
        "missing_visitor": ~rows["CustomerID"].str.match(r"^[0-9]"),
        "not_a_product": rows["StockCode"].str.match(settings.log.not_products),
        "bad_quantity": (pieces <= 0) | (pieces > settings.clean.max_quantity),
        "bad_price": (price < 0) | ((price == 0) & ~is_cancel) | (price > float(settings.clean.max_price)),
    }
    reason = pd.Series("", index=rows.index)
    for code, refuses in rules.items():
        reason = reason.where((reason != "") | ~refuses, code)
    counts = {("clean" if code == "" else "quarantined", code): int(n) for code, n in reason.value_counts().items()}
    return {**counts, ("raw", ""): len(orders), ("duplicate", "exact"): len(orders) - len(rows)}


def test_every_row_is_accounted_for(ledger: Ledger, files: dict[date, Path]) -> None:
    assert len(files) == 305
    assert ledger["raw", ""] == 541_909
    assert sum(n for (place, _), n in ledger.items() if place != "raw") == 541_909
    assert {key: n for key, n in ledger.items() if key[0] == "duplicate"} == {("duplicate", "exact"): 5_268}


def test_pandas_counts_the_same(ledger: Ledger, app: Settings, files: dict[date, Path]) -> None:
    days = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in files.values()]
    assert ledger == count_with_pandas(pd.concat(days), app)


def test_the_calendar_knows_the_closed_days(app: Settings, files: dict[date, Path]) -> None:
    days = [day.date() for day in pd.date_range(min(files), max(files))]
    assert [day for day in days if not app.calendar.is_closed(day)] == list(files)
