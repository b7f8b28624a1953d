"""Serialized rows as answers."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from nightjar_client.answers import Recommendations, Rung, Stamps, View
from nightjar_client.decode import decode
from nightjar_client.reading import Stored
from nightjar_client.views import STAMPS

_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def _night(run_date: bytes, expires_at: bytes) -> tuple[str, datetime, datetime]:
    """Run date, its end and the expiry of a generation's rows; the same for all of them.

    Rows expire at a midnight of the app's time zone, so its offset from UTC is what the time from the end of the
    run date in UTC is over whole days.
    """
    day, expires = decode(run_date), decode(expires_at)
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) + _DAY
    offset = (expires - midnight + _DAY / 2) % _DAY - _DAY / 2
    return day, midnight + offset, expires


def stamps_of(row: Stored, now: datetime, stale: timedelta) -> Stamps | None:
    """Where a row comes from; None where it is not to be served: it has expired, or carries no stamps."""
    run_date, expires_at = row.get("run_date"), row.get("expires_at")
    if not run_date or not expires_at:
        return None
    day, end, expires = _night(run_date, expires_at)
    if expires <= now:
        return None
    age = now - end
    return Stamps(
        model=decode(row.get("model")) or "",
        generation=decode(row.get("generation")) or "",
        run_date=day,
        age_seconds=int(age.total_seconds()),
        expires_at=expires,
        is_stale=age > stale,
    )


def list_of(row: Stored, key: str, surface: str, rung: Rung, stamps: Stamps) -> Recommendations | None:
    """A row of a list's view; None where the list is empty or its columns are not parallel."""
    items = decode(row.get("items"))
    if not items:
        return None
    scores, reasons, anchors = (decode(row.get(name)) or [] for name in ("scores", "reasons", "anchors"))
    if not len(items) == len(scores) == len(reasons) == len(anchors):
        return None
    return Recommendations(
        key, surface, rung, tuple(items), tuple(scores), tuple(reasons), tuple(anchors), stamps=stamps
    )


def view_of(row: Stored, stamps: Stamps) -> View:
    """A row of features or of a prediction."""
    return View({name: decode(value) for name, value in row.items() if name not in STAMPS}, stamps)
