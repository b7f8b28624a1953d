"""Rolls `user_state` over generated arrivals, as nights and back-fills do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from jobs.adapters.spark.types import RUN_DATE, contract, spark_schema
from jobs.core.daily_schemas import USER_DAILY
from jobs.features.rest import MergeDays, RestRule
from jobs.features.rolling import Roll
from jobs.features.rolling_state import RollingState

FIRST = date(2025, 1, 1)
HALF_LIVES = {
    "features.user_half_life_days": 14,
    "features.item_half_life_days": 7,
    "features.affinity_half_life_days": 30,
}
Rows = set[tuple[object, ...]]


@dataclass(frozen=True)
class Arrival:
    """Events of a user that arrived on a day; `late` days after they happened."""

    user: str
    day: int
    events: int
    price: int = 1
    late: int = 0


def day_number(number: int) -> date:
    return FIRST + timedelta(number)


def daily_rows(spark: SparkSession, arrivals: list[Arrival]) -> DataFrame:
    """Rows of `user_daily`, each day with a wanted item or none; see `with_wanted_items`."""
    rows = [(day_number(one.day), *_daily(one)) for one in arrivals]
    return spark.createDataFrame(rows, _schema())


def _schema() -> str:
    fields = [f"{field.name} {field.dataType.simpleString()}" for field in spark_schema(USER_DAILY).fields]
    return ", ".join([f"{RUN_DATE} date", *fields, "n_wanted_items long", "log_popularity decimal(18,4)"])


def _daily(one: Arrival) -> tuple[object, ...]:
    happened = day_number(one.day - one.late)
    hour = (one.events + one.price) % 24
    values = {
        "user_id": one.user,
        "event_day": happened,
        "n_events": one.events,
        "n_intents": one.events // 2,
        "n_purchases": 1,
        "n_goals": 1,
        "n_goodbyes": 0,
        "n_sessions": 1,
        "revenue": Decimal(one.price),
        "wanted": Decimal(one.price % 3),
        "wanted_log_price": Decimal(one.price % 3) * 2,
        "wanted_log_price_squared": Decimal(one.price % 3) * 5,
        "hours": [one.events if place == hour else 0 for place in range(24)],
        "country": None if one.price % 2 else f"C{one.price}",
        "platform": "web",
        "last_event_time": datetime(happened.year, happened.month, happened.day, hour),
    }
    wanted = (one.price, Decimal(one.price) * 2) if one.price % 3 else (None, None)
    return (*(values[name] for name in USER_DAILY.column_names), *wanted)


@dataclass
class Lake:
    """The partitions of a state and of its rest table, by day number."""

    spark: SparkSession
    state: RollingState
    rest: RestRule
    at_work: dict[int, Rows]
    at_rest: dict[int, Rows]

    def roll(self, daily: DataFrame, start: int, end: int) -> None:
        """Build the days from `start` to `end` from what a night would read."""
        first, last = day_number(start), day_number(end)
        dates = [day_number(number) for number in range(start, end + 1)]
        needed = {day - timedelta(length) for day in dates for length in (0, *self.state.window_lengths)}
        looked_up = [(day - FIRST).days for day in self.rest.merges.to_look_up(first)]
        roll = Roll(
            state=self.state,
            before=self._frame(self.at_work.get(start - 1, set())),
            rested=self._frame([row for number in looked_up for row in self.at_rest.get(number, set())]),
            daily=daily.filter(daily.run_date.isin(sorted(needed))),
            first=first,
            last=last,
            half_lives=HALF_LIVES,
            rest=self.rest,
        )
        for table, frame in ((self.at_work, roll.at_work()), (self.at_rest, roll.at_rest())):
            table.update({number: set() for number in range(start, end + 1)})
            for row in frame.selectExpr(*contract(self.state.table)).collect():
                values = tuple(tuple(value) if isinstance(value, list) else value for value in row[1:])
                assert values not in table[(row[0] - FIRST).days]
                table[(row[0] - FIRST).days].add(values)

    def _frame(self, rows: Rows | list[tuple[object, ...]]) -> DataFrame:
        lists = [tuple(list(value) if isinstance(value, tuple) else value for value in row) for row in rows]
        return self.spark.createDataFrame(lists, spark_schema(self.state.table))


def rolled(
    spark: SparkSession,
    state: RollingState,
    daily: DataFrame,
    steps: list[tuple[int, int]],
    rest_days: int,
    merge: int,
) -> Lake:
    """Roll over some ranges of day numbers, each from where the one before ended."""
    lake = Lake(spark, state, RestRule(rest_days, MergeDays(FIRST, merge)), {}, {})
    for start, end in steps:
        lake.roll(daily, start, end)
    return lake
