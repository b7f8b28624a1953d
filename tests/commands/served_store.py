"""An online store that serves a generation without rows: tests of commands bring a reader of their own."""

from datetime import UTC, date, datetime

from jobs.adapters.online.contract import Served
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.core.home import Home

EXPIRES_AT = datetime(2100, 1, 1, tzinfo=UTC)


def serve(home: Home, run_date: date, publish_number: int = 1, expires_at: datetime = EXPIRES_AT) -> None:
    """Let a date's generation stand there."""
    served = Served(
        publish_number=publish_number,
        run_date=run_date,
        generation=f"{run_date}-01234567",
        content_digest="0",
        expires_at=expires_at,
        highest_date=run_date,
        status_date=run_date,
        status_digest="0",
    )
    SqliteStore(home.online / "online.db", home.app).replace(served, [])
