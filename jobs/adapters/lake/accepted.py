"""Checks that an operator released for some dates, with the reason: one small file of the lake.

It stands beside the tables, since it says what a night may go on with before there is a partition to say it of.
Only `nightjar accept` and `nightjar backfill --accept` write it; `nightjar accept --withdraw` takes one back.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.adapters.lake.files import locked, write_atomic
from jobs.core.errors import StorageError


class Acceptance(BaseModel):
    """One release.

    Attributes
    ----------
    first, last
        Run dates that it is for, both included; equal for a night.
    expectation
        ``<table>.<expectation>``.
    reason
        In the operator's words.
    by
        Who; a note for people that changes no night.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    expectation: str
    reason: str
    by: str = ""

    @property
    def table(self) -> str:
        """The table whose check is released."""
        return self.expectation.partition(".")[0]

    def covers(self, day: date) -> bool:
        """Whether it is for that run date."""
        return self.first <= day <= self.last


class AcceptedChecks:
    """The releases of one app.

    Parameters
    ----------
    root
        Folder of the app's tables.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "accepted.json"

    def read(self) -> tuple[Acceptance, ...]:
        """All of them, oldest first.

        Raises
        ------
        StorageError
            If the file cannot be understood.
        """
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Acceptance.model_validate(row) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValidationError, ValueError, TypeError):
            raise StorageError(
                f"{self._path} is damaged; mend the JSON by hand, or move it away and accept the checks again"
            ) from None

    def record(self, accepted: Iterable[Acceptance]) -> None:
        """Add releases; one of the same dates and expectation is replaced."""
        with locked(self._path.with_name(".accepted.lock")):
            kept = {_key(one): one for one in self.read()}
            for one in accepted:
                kept[_key(one)] = one
            self._write(kept.values())

    def withdraw(self, expectation: str, day: date) -> tuple[Acceptance, ...]:
        """Take back every release of a check that covers a run date, with all of its dates; those that were there."""
        with locked(self._path.with_name(".accepted.lock")):
            found = self.read()
            gone = tuple(one for one in found if one.expectation == expectation and one.covers(day))
            if gone:
                self._write(one for one in found if one not in gone)
        return gone

    def _write(self, accepted: Iterable[Acceptance]) -> None:
        rows = [one.model_dump(mode="json") for one in accepted]
        write_atomic(self._path, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")

    def of(self, tables: Iterable[str], first: date, last: date) -> tuple[Acceptance, ...]:
        """Those that are for a check of one of the tables, on one of the dates."""
        wanted = set(tables)
        return tuple(one for one in self.read() if one.table in wanted and one.first <= last and first <= one.last)

    def on(self, day: date) -> tuple[Acceptance, ...]:
        """Those that are for a run date, whatever the table."""
        return tuple(one for one in self.read() if one.covers(day))


def told_dates(one: Acceptance) -> str:
    """The run dates of a release as a person reads them."""
    return str(one.first) if one.first == one.last else f"{one.first} to {one.last}"


def released_dates(accepted: Iterable[Acceptance], dates: Sequence[date]) -> dict[str, frozenset[date]]:
    """Of some run dates, those on which each expectation is released, by its name."""
    found: dict[str, set[date]] = {}
    for one in accepted:
        found.setdefault(one.expectation, set()).update(day for day in dates if one.covers(day))
    return {name: frozenset(days) for name, days in found.items()}


def _key(one: Acceptance) -> tuple[date, date, str]:
    return one.first, one.last, one.expectation
