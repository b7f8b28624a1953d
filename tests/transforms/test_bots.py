"""Scripts are told by their rate, their breadth and their rhythm; people are not."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from app import DAY, event_frame
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.config import Settings, load_settings
from jobs.transforms.bots import find_bots
from jobs.transforms.visitors import VISITOR

START = datetime(2025, 3, 3)
# Pauses of a person, in seconds; their deviation is 1.1 times their mean.
HUMAN = [5, 40, 3, 90, 12, 7, 200, 30, 4, 60]


def limits(**changed: Any) -> Settings:
    loaded = load_settings("sample")
    given = {"max_events": 40, "max_items": 15, "min_events": 10, "min_pause_deviation": 0.1, **changed}
    bots = loaded.clean.bots.model_copy(update=given)
    return loaded.model_copy(update={"clean": loaded.clean.model_copy(update={"bots": bots})})


def visits(
    name: str, pauses: list[float], items: int = 1, kind: str = "user_id", day: date = DAY
) -> list[dict[str, object]]:
    """A visitor's events, one after each pause in seconds, who goes round some items."""
    moment, rows = START, list[dict[str, object]]()
    for number, pause in enumerate([0, *pauses]):
        moment += timedelta(seconds=pause)
        row = {"user_id": None, kind: name, "item_id": f"i{number % items}" if items else None}
        rows.append({"run_date": day, "event_time": moment, **row})
    return rows


def found(rows: DataFrame, settings: Settings) -> dict[str, str]:
    names = rows.select(
        "run_date", F.expr(VISITOR).alias("visitor"), F.expr("coalesce(user_id, device_id)").alias("id")
    )
    told = find_bots(rows, settings).join(names.distinct(), on=["run_date", "visitor"], how="inner").collect()
    return {row["id"]: row["reason"] for row in told}


def test_each_rule_and_its_edge(spark: SparkSession) -> None:
    # Deviation of eight pauses of 10 s, one of 10 + x and one of 10 - x: x / sqrt(5).
    people = [
        *visits("person", HUMAN * 3, 5),
        *visits("rate_edge", HUMAN * 3 + HUMAN[:9], 5),
        *visits("rate", HUMAN * 4, 5),
        *visits("breadth_edge", HUMAN * 3, 15),
        *visits("breadth", HUMAN * 3, 16),
        *visits("rhythm", [10.0] * 10, 0),
        *visits("rhythm_edge", [10.0] * 8 + [10 + 5**0.5 + 0.01, 10 - 5**0.5 - 0.01]),
        *visits("nearly_even", [10.0] * 8 + [10 + 5**0.5 - 0.01, 10 - 5**0.5 + 0.01]),
        *visits("few", [10.0] * 8),
        *visits("order", [0.0] * 30, 10),
        *visits("device", [10.0] * 10, kind="device_id"),
    ]
    expected = {
        "rate": "bot_rate",
        "breadth": "bot_breadth",
        "rhythm": "bot_rhythm",
        "nearly_even": "bot_rhythm",
        "device": "bot_rhythm",
    }
    rows = event_frame(spark, people)
    assert found(rows, limits()) == expected
    assert found(rows.orderBy(F.xxhash64("event_time", "user_id", F.lit(7))), limits()) == expected


def test_days_are_judged_by_themselves(spark: SparkSession) -> None:
    rows = event_frame(spark, [*visits("u", HUMAN * 3), *visits("u", HUMAN * 3, day=DAY + timedelta(1))])
    assert found(rows, limits()) == {}


@pytest.mark.parametrize(
    ("rule", "left"),
    [("max_events", "bot_breadth"), ("max_items", "bot_rate"), ("min_pause_deviation", "bot_rate")],
)
def test_a_rule_can_be_switched_off(spark: SparkSession, rule: str, left: str) -> None:
    rows = event_frame(spark, visits("all", [10.0] * 50, 20))
    assert found(rows, limits(**{rule: None})) == {"all": left}


def test_without_rules_nobody_is_a_bot(spark: SparkSession) -> None:
    rows = event_frame(spark, visits("all", [10.0] * 50, 20))
    assert found(rows, limits(max_events=None, max_items=None, min_pause_deviation=None)) == {}
