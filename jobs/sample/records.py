"""Rows as records of the app's log: its own field names, and no field where it does not apply."""

import json
from collections.abc import Iterator
from datetime import date

from jobs.sample.arrays import ABSENT
from jobs.sample.event_types import PRICED, SURFACE_NAMES, TYPE_NAMES, Identity
from jobs.sample.items import name_item
from jobs.sample.places import PLACES
from jobs.sample.queries import QUERIES
from jobs.sample.rows import Rows
from jobs.sample.users import DEVICE_CLASSES, PLATFORMS, Users, name_user
from jobs.sample.world import World

Value = str | int | float
Record = dict[str, Value]

SCHEMA = 3
"""Version of the log's shape, as many apps send it."""

RELEASE_DAYS = 14
SLOWEST_UPDATE_DAYS = 7


def build_records(world: World, day: int, rows: Rows) -> list[Record]:
    """Build one record per row, in their order, with ids ``<yyyymmdd>-<number>``."""
    today = world.parameters.date_of(day)
    prices = world.items.price.tolist()
    profiles = _build_profiles(world.users, day)
    records: list[Record] = []
    for number, (kind, user, ms, item, *details, identity) in enumerate(_walk(rows)):
        record: Record = {"id": name_event(today, number), "ts": format_time(today, ms)}
        record["type"] = TYPE_NAMES[kind]
        _add_ids(record, user, identity)
        if item != ABSENT:
            record["item"] = name_item(item)
        if kind in PRICED:
            record |= {"price": prices[item], "currency": "EUR"}
        _add_details(record, *details)
        records.append(record | profiles[user])
    return records


def name_event(day: date, number: int) -> str:
    """Id of the ``number``-th event that the day of a file gives out."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}-{number:07d}"


def format_time(day: date, ms: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day.isoformat()}T{hour:02d}:{minute:02d}:{second:02d}.{rest:03d}Z"


def to_line(record: Record) -> str:
    """One line of JSON, without its line end."""
    return json.dumps(record, separators=(",", ":"))


def _walk(rows: Rows) -> Iterator[tuple[int, ...]]:
    columns = (rows.type, rows.user, rows.ms, rows.item, rows.qty, rows.dwell_ms, rows.query, rows.surface)
    return zip(*(column.tolist() for column in (*columns, rows.pos, rows.identity)), strict=True)


def _add_ids(record: Record, user: int, identity: int) -> None:
    if identity != Identity.ANONYMOUS:
        record["user"] = name_user(user)
    if identity != Identity.USER:
        record["anon"] = f"a{_scatter(user):08x}"
    record["device"] = f"d{_scatter(user):08x}"


def _scatter(user: int) -> int:
    """A number that differs for each user and does not show the user's id: odd factors permute 32 bits."""
    return (user + 1) * 2654435761 % 2**32


def _add_details(record: Record, qty: int, dwell_ms: int, query: int, surface: int, pos: int) -> None:
    if qty != ABSENT:
        record["qty"] = qty
    if dwell_ms != ABSENT:
        record["dwell_ms"] = dwell_ms
    if query != ABSENT:
        record["query"] = QUERIES[query]
    if surface != ABSENT:
        record["surface"] = SURFACE_NAMES[surface]
    if pos != ABSENT:
        record["pos"] = pos


def _build_profiles(users: Users, day: int) -> list[Record]:
    """What each user's device adds to every record."""
    return [
        {
            "platform": PLATFORMS[platform],
            "device_class": DEVICE_CLASSES[device_class],
            "app_version": f"4.{10 + (day - user % SLOWEST_UPDATE_DAYS) // RELEASE_DAYS}.0",
            "locale": PLACES[place].locale,
            "country": PLACES[place].country,
            "tz": PLACES[place].time_zone,
            "schema": SCHEMA,
        }
        for user, (platform, device_class, place) in enumerate(
            zip(users.platform.tolist(), users.device_class.tolist(), users.place.tolist(), strict=True)
        )
    ]
