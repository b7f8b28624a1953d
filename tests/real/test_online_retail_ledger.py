"""All 305 days of Online Retail: every row of the log is accounted for, and told apart from the others."""

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import Settings, load_settings
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.schemas import EVENTS, LEDGER
from jobs.stages.catalog import stage_named
from jobs.stages.runner import run_stage

pytestmark = pytest.mark.real

APP = "online_retail"
RAW_ROWS, EXACT_COPIES, DAYS_WITH_FILE = 541_909, 5_268, 305


@pytest.fixture(scope="module")
def log_rows(orders: Path) -> pd.DataFrame:
    """The log as pandas reads it."""
    return pd.concat(pd.read_csv(file, dtype=str, keep_default_na=False) for file in sorted(orders.glob("*.csv")))


@pytest.fixture(scope="module")
def lake(orders: Path, tmp_path_factory: pytest.TempPathFactory, spark: object) -> Lake:
    """All days ingested and cleaned in one go."""
    root = tmp_path_factory.mktemp("home")
    days = sorted(date.fromisoformat(file.stem) for file in orders.glob("*.csv"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_HOME", str(root))
        patch.setenv("NIGHTJAR__LOG__PATH", str(orders))
        night = Night(load_settings(APP), days[0], days[-1])
        for stage in ("ingest_events", "clean_events"):
            run_stage(stage_named(stage), night)
    return Lake(Home(root, APP).lake)


@pytest.fixture(scope="module")
def ledger(lake: Lake) -> pd.DataFrame:
    parts = [
        read_pandas(lake, LEDGER, lake.require(LEDGER.name, day, "test")).assign(day=day)
        for day in lake.run_dates(LEDGER.name)
    ]
    return pd.concat(parts, ignore_index=True)


def _rows(ledger: pd.DataFrame) -> Counter[str]:
    summed = ledger.groupby(["place", "reason"])["n_rows"].sum()
    return Counter({f"{place} {reason}".strip(): int(rows) for (place, reason), rows in summed.items()})


def count_with_pandas(log_rows: pd.DataFrame, settings: Settings) -> Counter[str]:
    """The same ledger by other means: one mask a rule, in the order of the rules."""
    rows = log_rows.drop_duplicates()
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
    counts = {"clean" if code == "" else f"quarantined {code}": int(n) for code, n in reason.value_counts().items()}
    return Counter({**counts, "raw": len(log_rows), "duplicate exact": len(log_rows) - len(rows)})


def test_every_row_is_counted_once(ledger: pd.DataFrame) -> None:
    by_place = ledger.pivot_table(index="day", columns="place", values="n_rows", aggfunc="sum").fillna(0)
    accounted = by_place["clean"] + by_place["quarantined"] + by_place["duplicate"]
    assert (accounted == by_place["raw"]).all()
    assert int(by_place["raw"].sum()) == RAW_ROWS
    assert int((by_place["raw"] > 0).sum()) == DAYS_WITH_FILE


def test_exact_copies_are_told(ledger: pd.DataFrame) -> None:
    rows = _rows(ledger)
    assert rows["duplicate exact"] == EXACT_COPIES
    assert {place for place in rows if place.startswith("duplicate")} == {"duplicate exact"}


def test_rows_without_customer_and_non_products_are_told(ledger: pd.DataFrame, log_rows: pd.DataFrame) -> None:
    rows, different = _rows(ledger), log_rows.drop_duplicates()
    nobody = ~different["CustomerID"].str.match(r"^[0-9]")
    no_product = different["StockCode"].str.match(load_settings(APP).log.not_products)
    assert rows["quarantined missing_visitor"] == int(nobody.sum()) > 100_000
    assert rows["quarantined not_a_product"] == int((~nobody & no_product).sum()) > 1_000


def test_cancellations_are_told_from_orders(lake: Lake, log_rows: pd.DataFrame) -> None:
    types: Counter[str] = Counter()
    for day in lake.run_dates(EVENTS.name):
        manifest = lake.require(EVENTS.name, day, "test")
        types.update(read_pandas(lake, EVENTS, manifest, ["event_type"])["event_type"])
    different = log_rows.drop_duplicates()
    known = different["CustomerID"].str.match(r"^[0-9]")
    product = ~different["StockCode"].str.match(load_settings(APP).log.not_products)
    cancelled = different["InvoiceNo"].str.startswith("C")
    assert types["cancel"] == int((known & product & cancelled).sum()) > 8_000
    assert set(types) == {"purchase", "cancel"}


def test_pandas_counts_the_same(ledger: pd.DataFrame, log_rows: pd.DataFrame) -> None:
    assert _rows(ledger) == count_with_pandas(log_rows, load_settings(APP))


def test_the_calendar_knows_the_closed_days(orders: Path) -> None:
    files = sorted(date.fromisoformat(file.stem) for file in orders.glob("*.csv"))
    calendar = load_settings(APP).calendar
    days = [day.date() for day in pd.date_range(files[0], files[-1])]
    assert [day for day in days if not calendar.is_closed(day)] == files
