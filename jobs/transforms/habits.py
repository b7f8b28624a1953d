"""Habits of a day: the hours of the user's own clock with a visit, a message sent or opened; and the funnel.

Made for many events, as `aggregates.py` is: of an event only its half hour of the UTC day is looked at, as a bit;
time zones turn the bits of a user and day at once.
"""

from zoneinfo import available_timezones

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.model import Settings
from jobs.core.sql import sql_text
from jobs.features.user_habits import HOURS

_SLOTS = 2 * HOURS
_ALL = (1 << _SLOTS) - 1
_MASKS = ("visit", "sent", "opened")
_FUNNEL = ("n_shown", "n_opened", "n_wanted", "n_bought")


def build_user_habits_daily(events: DataFrame, settings: Settings) -> DataFrame:
    """One row per run_date, user and day of the user's own time zone; anonymous visitors are left out.

    Parameters
    ----------
    events
        Rows of `events` with their `run_date`.
    settings
        Give the event types that say that somebody is there (those of `events.intent` and `events.exposure`), the
        steps of the funnel, and the time zone of events that tell none or one that does not exist.

    Returns
    -------
    DataFrame
        The columns of `user_habits_daily` and `run_date`. On the day on which clocks change, hours before the
        change may be one off; zones that differ from whole half hours are rounded down to one.
    """
    local = _to_local(_by_utc_day(events, settings), settings)
    summed = local.groupBy("run_date", "user_id", "local_day").agg(
        *(F.expr(f"bit_or({mask}) AS {mask}") for mask in _MASKS),
        *(F.expr(f"sum({name}) AS {name}") for name in _FUNNEL),
        F.expr("max(IF(time_zone IS NULL, NULL, struct(last_event_time, time_zone))) AS last"),
    )
    seen = summed.filter(f"{' + '.join(_MASKS)} + {' + '.join(_FUNNEL)} > 0")
    return seen.selectExpr(
        *("run_date", "user_id", "local_day"),
        *(f"{_hours(mask)} AS {mask}_hours" for mask in _MASKS),
        *_FUNNEL,
        "last.time_zone AS time_zone",
    )


def _by_utc_day(events: DataFrame, settings: Settings) -> DataFrame:
    """One row per run_date, user, UTC day and zone: bits of half hours, and the funnel."""
    funnel = settings.events.funnel
    bit = "shiftleft(1L, hour(event_time) * 2 + minute(event_time) DIV 30)"
    masks = {
        "visit": _is_one_of((*settings.events.intent, *settings.events.exposure)),
        "sent": _is_one_of(("notification_sent",)),
        "opened": _is_one_of(("notification_opened",)),
    }
    steps = zip(_FUNNEL, (funnel.shown, funnel.opened, funnel.wanted, ("purchase",)), strict=True)
    known = events.filter("user_id IS NOT NULL").selectExpr(
        *("run_date", "user_id", "CAST(event_time AS date) AS utc_day", "event_time"),
        f"IF({_is_one_of(_zones(), 'time_zone')}, time_zone, NULL) AS time_zone",
        *(f"IF({condition}, {bit}, 0L) AS {name}" for name, condition in masks.items()),
        *(f"CAST({_is_one_of(types)} AS bigint) AS {name}" for name, types in steps),
    )
    return known.groupBy("run_date", "user_id", "utc_day", "time_zone").agg(
        *(F.expr(f"bit_or({mask}) AS {mask}") for mask in _MASKS),
        *(F.expr(f"sum({name}) AS {name}") for name in _FUNNEL),
        F.expr("max(event_time) AS last_event_time"),
    )


def _to_local(by_utc_day: DataFrame, settings: Settings) -> DataFrame:
    """The same by days of the own zone: what lies beyond a midnight moves to the day before or after.

    The funnel counts on the own day of noon UTC: only its sum over days is read.
    """
    noon = "timestampadd(HOUR, 12, CAST(utc_day AS timestamp))"
    zone = f"coalesce(time_zone, {sql_text(settings.schedule.time_zone)})"
    ahead = f"unix_seconds(from_utc_timestamp({noon}, {zone})) - unix_seconds({noon})"
    shifted = by_utc_day.selectExpr("*", f"CAST(floor(({ahead}) / 1800) AS int) AS shift")
    here = ", ".join(f"'{mask}', {_moved(mask, 'shift')}" for mask in _MASKS)
    there = ", ".join(f"'{mask}', {_moved(mask, f'shift - {_SLOTS} * sign_of')}" for mask in _MASKS)
    funnel = ", ".join(f"'{name}', {name}" for name in _FUNNEL)
    nothing = ", ".join(f"'{name}', 0L" for name in _FUNNEL)
    parts = (
        f"explode(array(named_struct('local_day', utc_day, {here}, {funnel}), "
        f"named_struct('local_day', date_add(utc_day, sign_of), {there}, {nothing}))) AS part"
    )
    turned = shifted.selectExpr("*", "IF(shift < 0, -1, 1) AS sign_of")
    keys = ("run_date", "user_id", "time_zone", "last_event_time")
    return turned.selectExpr(*keys, parts).selectExpr(*keys, "part.*")


def _moved(mask: str, by: str) -> str:
    """SQL for bits moved by a number of half hours, earlier where it is negative; what leaves the day is gone."""
    later = f"shiftleft({mask}, greatest({by}, 0))"
    return f"(shiftrightunsigned({later}, greatest(-({by}), 0)) & {_ALL}L)"


def _hours(mask: str) -> str:
    """SQL for 24 longs, 1 where one of the hour's two bits is set."""
    return f"array({', '.join(f'IF(({mask} & {0b11 << 2 * hour}L) > 0, 1L, 0L)' for hour in range(HOURS))})"


def _is_one_of(values: tuple[str, ...], column: str = "event_type") -> str:
    """SQL for a row with one of these values."""
    return f"{column} IN ({', '.join(map(sql_text, values))})" if values else "false"


def _zones() -> tuple[str, ...]:
    """Zones that Java has as well: those of a place, and UTC."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))
