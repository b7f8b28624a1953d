"""The kinds of dirt, each as one function that makes a bad line out of a clean record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jobs.sample.event_types import PRICED
from jobs.sample.records import Record, to_line

TOO_LATE_DAYS = 10
"""Beyond the lateness that the sample app's configuration allows."""

UNKNOWN_TYPES = ("debug_ping", "heartbeat", "banner_test")
UNPARSABLE_TIMES = ("2025-13-45T99:99:99Z", "yesterday", "", "1735689600,5")
FAR_YEAR = 2099
LONGEST_SHIFT_MS = 5_000


@dataclass(frozen=True)
class Template:
    """What a bad line is made from.

    Attributes
    ----------
    record
        A clean record of the day, to be copied.
    fresh_id
        An id that no other line has.
    draw
        Random number, 0 <= draw < 2**31, that chooses between variants.
    """

    record: Record
    fresh_id: str
    draw: int

    @property
    def copy(self) -> Record:
        """The record under the fresh id."""
        return self.record | {"id": self.fresh_id}


@dataclass(frozen=True)
class Kind:
    """A kind of dirt: its weight among all, what it can be made from, and how."""

    weight: float
    applies: Callable[[Record], bool]
    spoil: Callable[[Template], str]


def _duplicate(template: Template) -> str:
    return to_line(template.record)


def _conflict(template: Template) -> str:
    """Same id, the time off by seconds; away from the nearer midnight, so that the day stays."""
    moment = datetime.fromisoformat(str(template.record["ts"]))
    shift = timedelta(milliseconds=1 + template.draw % LONGEST_SHIFT_MS)
    moved = moment + shift if moment.hour < 12 else moment - shift
    return to_line(template.record | {"ts": _format(moved)})


def _missing_time(template: Template) -> str:
    return _without(template.copy, "ts")


def _bad_time(template: Template) -> str:
    return to_line(template.copy | {"ts": UNPARSABLE_TIMES[template.draw % len(UNPARSABLE_TIMES)]})


def _future_time(template: Template) -> str:
    moment = datetime.fromisoformat(str(template.record["ts"]))
    return to_line(template.copy | {"ts": _format(_in_year(moment, FAR_YEAR))})


def _too_late(template: Template) -> str:
    moment = datetime.fromisoformat(str(template.record["ts"])) - timedelta(days=TOO_LATE_DAYS)
    return to_line(template.copy | {"ts": _format(moment)})


def _unknown_type(template: Template) -> str:
    return to_line(template.copy | {"type": UNKNOWN_TYPES[template.draw % len(UNKNOWN_TYPES)]})


def _missing_item(template: Template) -> str:
    return _without(template.copy, "item")


def _missing_ids(template: Template) -> str:
    return _without(template.copy, "user", "anon", "device")


def _broken_json(template: Template) -> str:
    line = to_line(template.copy)
    third = len(line) // 3
    return line[: third + template.draw % third]


def _negative_price(template: Template) -> str:
    return to_line(template.copy | {"price": -float(template.record["price"])})


def _zero_quantity(template: Template) -> str:
    return to_line(template.copy | {"qty": 0})


def _any(_record: Record) -> bool:
    return True


def _has_item(record: Record) -> bool:
    return "item" in record


def _is_priced(record: Record) -> bool:
    return record["type"] in _PRICED_NAMES


_PRICED_NAMES = frozenset(kind.log_name for kind in PRICED)

LATE = "late"
"""Not made from a template: a clean record that arrives in the next day's file, and is legal there."""

LATE_WEIGHT = 3.0

KINDS: dict[str, Kind] = {
    "duplicate": Kind(4.0, _any, _duplicate),
    "conflict": Kind(1.0, _any, _conflict),
    "missing_time": Kind(1.0, _any, _missing_time),
    "bad_time": Kind(1.0, _any, _bad_time),
    "future_time": Kind(1.0, _any, _future_time),
    "too_late": Kind(1.0, _any, _too_late),
    "unknown_type": Kind(1.0, _any, _unknown_type),
    "missing_item": Kind(1.0, _has_item, _missing_item),
    "missing_ids": Kind(1.0, _any, _missing_ids),
    "broken_json": Kind(1.0, _any, _broken_json),
    "negative_price": Kind(0.5, _is_priced, _negative_price),
    "zero_quantity": Kind(0.5, _is_priced, _zero_quantity),
}
"""Weights say how often each kind is drawn; retries of a phone make duplicates and late rows the most usual."""


def _without(record: Record, *fields: str) -> str:
    return to_line({field: value for field, value in record.items() if field not in fields})


def _in_year(moment: datetime, year: int) -> datetime:
    return datetime.combine(date(year, moment.month, min(moment.day, 28)), moment.timetz())


def _format(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
