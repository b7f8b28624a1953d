"""What the server takes from its environment, since its workers are processes of their own."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_K = 100  # items of one list; the store holds twenty by default
MAX_BATCH = 500  # users of one request: some milliseconds in which a worker answers nobody else
MAX_ID_BYTES = 512  # of a user's or an item's id
MAX_EXCLUDE = 500  # ids left out by one request
MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True)
class ServeSettings:
    """Settings of the server.

    Attributes
    ----------
    repo
        Folder of `feature_store.yaml`.
    api_key
        What callers send as `X-API-Key` or as a bearer token; empty: no key is asked for.
    fallback
        Item ids that everybody gets where the store has no list.
    stale_hours, ready_hours
        Age from which answers say `is_stale`, and from which `/readyz` is red.
    now
        A moment to answer for, to look at an old log; None: the clock's.
    """

    repo: str
    api_key: str
    fallback: tuple[str, ...]
    stale_hours: float
    ready_hours: float
    now: datetime | None

    @classmethod
    def from_environment(cls) -> "ServeSettings":
        """Read the variables NIGHTJAR_SERVE_* and NIGHTJAR_API_KEY."""
        read = os.environ.get
        now = read("NIGHTJAR_SERVE_NOW")
        return cls(
            repo=read("NIGHTJAR_SERVE_REPO", "."),
            api_key=read("NIGHTJAR_API_KEY", ""),
            fallback=tuple(filter(None, read("NIGHTJAR_SERVE_FALLBACK", "").split("\n"))),
            stale_hours=float(read("NIGHTJAR_SERVE_STALE_HOURS", "36")),
            ready_hours=float(read("NIGHTJAR_SERVE_READY_HOURS", "168")),
            now=_moment(now) if now else None,
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
