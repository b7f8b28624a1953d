"""A small app for the tests of cleaning: its settings, its raw rows, and frames of events."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from one_log import one_log_app
from pyspark.sql import DataFrame, SparkSession

from jobs.adapters.spark.types import spark_schema
from jobs.core.config import Settings
from jobs.core.schemas import EVENTS
from jobs.readers.text_fields import ROW_HASH

DAY = date(2025, 3, 3)
GOOD = {"id": "e1", "type": "view", "ts": "2025-03-03T10:00:00Z", "user": "u1", "item": "i1"}


def app_settings(zone: str = "UTC", **log: Any) -> Settings:
    """The sample app, with another zone and other settings of its log."""
    settings = one_log_app(**log)
    schedule = settings.schedule.model_copy(update={"time_zone": zone})
    return settings.model_copy(update={"schedule": schedule})


def line(**changed: object) -> str:
    """A good row with some keys changed; None leaves a key out."""
    row = {**GOOD, **changed}
    return json.dumps({key: value for key, value in row.items() if value is not None})


def raw_frame(
    spark: SparkSession, lines: Iterable[str], day: date = DAY, file: str = "f", source: str = "app"
) -> DataFrame:
    """Raw rows of JSON lines that arrived on a day, as a reader gives them."""
    rows = [(day, source, "", text, file) for text in lines]
    schema = "run_date date, source string, header string, raw string, source_file string"
    return spark.createDataFrame(rows, schema).selectExpr("*", ROW_HASH)


def event_frame(spark: SparkSession, events: Iterable[Mapping[str, object]]) -> DataFrame:
    """Clean events; what is not given is a view of item i by user u at noon of `DAY`, other columns are null."""
    noon = datetime(DAY.year, DAY.month, DAY.day, 12)
    rows = []
    for number, given in enumerate(events):
        event = {
            "run_date": DAY,
            "event_id": f"e{number}",
            "event_type": "view",
            "event_time": noon + timedelta(seconds=number),
            "event_day": DAY,
            "user_id": "u",
            "item_id": "i",
            "session_id": "s",
            "source": "app",
            **given,
        }
        rows.append([event.get(name) for name in ("run_date", *EVENTS.column_names)])
    schema = "run_date date, " + ", ".join(
        f"{field.name} {field.dataType.simpleString()}" for field in spark_schema(EVENTS).fields
    )
    return spark.createDataFrame(rows, schema)


def computed(frame: DataFrame) -> DataFrame:
    """The frame's rows without the plan that made them, as a stage reads back what it has put aside.

    A plan is analysed again with every column that is asked of it, which takes longer than so few rows.
    """
    return frame.localCheckpoint()
