"""What a user wanted on a day, from rows written by hand."""

from datetime import date
from decimal import Decimal
from math import log

import pytest
from pyspark.sql import SparkSession

from jobs.features.wanted_items import with_wanted_items

DAY, NEXT, LATE = date(2025, 3, 31), date(2025, 4, 1), date(2025, 3, 29)
DAILY = "run_date date, user_id string, event_day date, n_events long"
PAIRS = "run_date date, user_id string, event_day date, item_id string, weight decimal(18,4)"
ITEMS = "run_date date, item_id string, n_events_28d long"
WISH, NONE = Decimal(1), Decimal(0)


def test_items_are_as_common_as_they_were_on_the_day_of_arrival(spark: SparkSession) -> None:
    daily = [(DAY, "u", DAY, 3), (DAY, "u", LATE, 1), (DAY, "v", DAY, 1), (NEXT, "u", NEXT, 1)]
    pairs = [
        (DAY, "u", DAY, "a", WISH), (DAY, "u", DAY, "b", WISH), (DAY, "u", DAY, "c", NONE),
        (DAY, "u", LATE, "a", WISH), (DAY, "v", DAY, "a", -WISH), (NEXT, "u", NEXT, "b", WISH),
    ]  # fmt: skip
    items = [(DAY, "a", 9), (DAY, "b", 1), (DAY, "c", 0), (NEXT, "a", 99), (NEXT, "b", 7)]
    # What is usual weighs by events: nine of ten on a, one on b; a day later 99 and 7 of 106.
    usual = {DAY: 0.9 * log(10) + 0.1 * log(2), NEXT: (99 * log(100) + 7 * log(8)) / 106}
    found = with_wanted_items(
        spark.createDataFrame(daily, DAILY),
        spark.createDataFrame(pairs, PAIRS),
        spark.createDataFrame(items, ITEMS),
    )
    assert found.columns == ["run_date", "user_id", "event_day", "n_events", "n_wanted_items", "log_popularity"]
    rows = {(row["run_date"], row["user_id"], row["event_day"]): row for row in found.collect()}
    assert len(rows) == len(daily)
    told = {key: (row["n_wanted_items"], row["log_popularity"]) for key, row in rows.items()}
    assert told[DAY, "v", DAY] == (None, None)
    wanted = {key: (n, float(sum_)) for key, (n, sum_) in told.items() if n}
    assert wanted == {
        (DAY, "u", DAY): (2, pytest.approx(log(10) + log(2) - 2 * usual[DAY], abs=2e-4)),
        (DAY, "u", LATE): (1, pytest.approx(log(10) - usual[DAY], abs=2e-4)),
        (NEXT, "u", NEXT): (1, pytest.approx(log(8) - usual[NEXT], abs=2e-4)),
    }
