"""Which partitions of the lake somebody may still ask for; `nightjar vacuum` lets the others go."""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.adapters.lake import Lake
from jobs.core.config import Settings
from jobs.core.config.model import RetentionSettings
from jobs.core.night import Night
from jobs.core.schemas import QUARANTINE, RAW_EVENTS, RAW_FILES
from jobs.core.state_schemas import REST_TABLES
from jobs.core.table import Table
from jobs.datasets.tables import TABLES
from jobs.stages.catalog import STAGES

_RESTS = frozenset(table.name for table in REST_TABLES)

_BY_KIND = {
    "log": "event_days",
    "aggregate": "event_days",
    "feature": "state_days",
    "training": "output_days",
    "output": "output_days",
}


def newest_date(lake: Lake) -> date | None:
    """The newest night; what is old is counted from it.

    States alone tell one: each is rolled forward from the day before, where the log of any closed day can be read.
    Before the first night it is the oldest date of any table, from which nothing is old. None for an empty lake.
    """
    states = [name for name, table in TABLES.items() if table.kind == "state"]
    nights = [day for name in states for day in lake.run_dates(name)[-1:]]
    return max(nights) if nights else min((day for name in TABLES for day in lake.run_dates(name)[:1]), default=None)


def partitions_to_retire(lake: Lake, settings: Settings, newest: date) -> dict[str, list[date]]:
    """Run dates by table that are older than `retention` keeps and that no night which can be run again reads."""
    needed = _read_by_nights(settings, newest)
    found: dict[str, list[date]] = {}
    for name, table in sorted(TABLES.items()):
        days = days_kept(table, settings.retention)
        first_kept = newest - timedelta(days - 1) if days else date.min
        old = [day for day in lake.run_dates(name) if day < first_kept and (name, day) not in needed]
        found |= {name: old} if old else {}
    return found


def days_kept(table: Table, retention: RetentionSettings) -> int | None:
    """Days for which a table is kept, None for ever: who served, and why, is asked years later."""
    if table.name in (RAW_FILES.name, RAW_EVENTS.name, QUARANTINE.name):
        return retention.raw_days
    if table.kind == "model":
        return None
    if table.name in _RESTS:
        # A key at rest is looked for back to the last full copy before the first date that can be built again.
        return retention.state_days + retention.rest_merge_days
    if table.kind == "state":
        # That date rolls forward from the day before it.
        return retention.state_days + 1
    return int(getattr(retention, _BY_KIND.get(table.kind, "state_days")))


def _read_by_nights(settings: Settings, newest: date) -> set[tuple[str, date]]:
    """What the nights of `retention.rerun_days`, the next one included, read and write."""
    return {partition for night in _nights(settings, newest) for partition in _touched(night)}


def _nights(settings: Settings, newest: date) -> Iterator[Night]:
    for offset in range(-1, settings.retention.rerun_days):
        day = newest - timedelta(offset)
        if day >= settings.schedule.first_day:
            yield Night(settings, day, day)


def _touched(night: Night) -> Iterator[tuple[str, date]]:
    for stage in STAGES.values():
        yield from ((read.table, day) for read in stage.reads for day in read.dates(night))
        yield from ((table, night.run_date) for table in stage.writes)
