"""Rows as they are at one moment of a clock: what has expired, or cannot be understood, is no row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import error as StructError

from nightjar_client.answers import Recommendations, Rung, Stamps, View
from nightjar_client.decode import decode
from nightjar_client.reading import Rows, Stored
from nightjar_client.rows import list_of, stamps_of, view_of

SERVING = "user_serving"
_BROKEN = (ValueError, IndexError, OverflowError, TypeError, StructError)  # what foreign bytes do to a decoder


@dataclass(frozen=True, slots=True)
class Present:
    """Rows are looked at as of `now`; from an age of `stale` on they say so."""

    now: datetime
    stale: timedelta

    def stamps(self, row: Stored | None) -> Stamps | None:
        """Where a row comes from; None where it is not to be served."""
        if not row:
            return None
        try:
            return stamps_of(row, self.now, self.stale)
        except _BROKEN:
            return None

    def place(self, rows: Rows) -> tuple[str | None, str | None]:
        """Segment and status of a user; None and None for one who is not known."""
        row = rows.get(SERVING)
        if not row or self.stamps(row) is None:
            return None, None
        try:
            return decode(row.get("segment")), decode(row.get("status"))
        except _BROKEN:
            return None, None

    def view(self, row: Stored | None) -> View | None:
        """A row of features or of a prediction."""
        stamps = self.stamps(row)
        try:
            return view_of(row, stamps) if row and stamps else None
        except _BROKEN:
            return None

    def list(self, row: Stored | None, key: str, surface: str, rung: Rung) -> tuple[Recommendations | None, bool]:
        """The list of a row, and whether a row was left out because it had expired."""
        if not row:
            return None, False
        stamps = self.stamps(row)
        if stamps is None:
            return None, True
        try:
            return list_of(row, key, surface, rung, stamps), False
        except _BROKEN:
            return None, False
