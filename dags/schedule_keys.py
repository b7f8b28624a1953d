"""The keys of a `schedule:` block: what each means, and which values it takes."""

from dataclasses import dataclass, fields
from datetime import date
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class ScheduleError(ValueError):
    """A `schedule:` block that no DAG can be built from; the message names the file and the key."""


@dataclass(frozen=True)
class Schedule:
    """When and how patiently an app's nights run.

    Attributes
    ----------
    time_zone
        IANA name; its midnight ends a day.
    first_day
        The app's first day of data; no night is scheduled before it.
    start_after_minutes
        How long a scheduled night waits past midnight for late deliveries.
    deadline_minutes
        A run that takes longer, waiting included, is failed.
    alert_after_minutes
        A run that is not done so long after it was queued alerts; see deadline.py.
    alert_webhook, alert_slack, alert_email, alert_smtp
        By which Airflow connections, and to whom; empty for none.
    task_timeout_minutes
        One try of one stage that takes longer is killed.
    retries
        Further tries of a stage after a failure that a retry may cure.
    retry_delay_seconds
        Pause before a retry.
    pool
        Airflow pool that every stage takes one slot of.
    pool_slots
        Slots that the pool is made with; no task reads it.
    owner
        Team that Airflow shows and alerts.
    """

    time_zone: str
    first_day: date
    start_after_minutes: int
    deadline_minutes: int
    alert_after_minutes: int
    alert_webhook: str
    alert_slack: str
    alert_email: str
    alert_smtp: str
    task_timeout_minutes: int
    retries: int
    retry_delay_seconds: int
    pool: str
    pool_slots: int
    owner: str

    @property
    def zone(self) -> ZoneInfo:
        """The app's time zone."""
        return ZoneInfo(self.time_zone)


KEY_TYPES: dict[str, type] = {field.name: field.type for field in fields(Schedule) if isinstance(field.type, type)}

# As the stages have them. A deadline or timeout of 0 would be none at all for Airflow, and say nothing.
LOWEST = {"deadline_minutes": 1, "task_timeout_minutes": 1, "pool_slots": 1}
HIGHEST = {"start_after_minutes": 1439}
# Beyond them no moment may be left to reckon with, and an error of Airflow's would be that of every app.
LARGE = 1_000_000
YEARS = range(1970, 3000)


def check(where: str, key: str, value: object) -> None:
    """Refuse a key or value that no DAG can be built from.

    Parameters
    ----------
    where
        Names the place in the message.

    Raises
    ------
    ScheduleError
        The key is unknown, or its value is of the wrong type or size, or a time zone that does not exist.
    """
    if key not in KEY_TYPES:
        near = get_close_matches(key, KEY_TYPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"valid keys: {', '.join(KEY_TYPES)}"
        raise ScheduleError(f"{where}: schedule has an unknown key {key!r}; {hint}")
    # Not isinstance: true is an int, and a time stamp is a date.
    if type(value) is not KEY_TYPES[key]:
        raise ScheduleError(f"{where}: schedule.{key} must be a {KEY_TYPES[key].__name__}, got {value!r}")
    if key == "time_zone" and not _is_zone(str(value)):
        raise ScheduleError(f"{where}: schedule.time_zone must be an IANA name such as Europe/Paris, got {value!r}")
    if isinstance(value, date) and value.year not in YEARS:
        raise ScheduleError(f"{where}: schedule.{key} must lie in {YEARS.start} to {YEARS.stop - 1}, got {value}")
    lowest, highest = LOWEST.get(key, 0), HIGHEST.get(key, LARGE)
    if isinstance(value, int) and not lowest <= value <= highest:
        raise ScheduleError(f"{where}: schedule.{key} must be from {lowest} to {highest}, got {value}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True
