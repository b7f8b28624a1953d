"""What an audit found, and whether the night may go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jobs.core.errors import ChecksFailedError


@dataclass(frozen=True)
class Failure:
    """One expectation that does not hold.

    Attributes
    ----------
    expectation
        Its stable name within the table, such as ``price_in_range``.
    severity
        ``critical`` stops the night unless released, ``warning`` is reported.
    column
        The column or columns it is about, comma separated; empty for the table as a whole.
    n_rows
        Rows that break it; 0 where it is about the table as a whole.
    examples
        Up to three different values that break it; personal ones as keyed hashes.
    observed
        What was found instead, for an expectation about the table as a whole; else empty.
    run_dates
        Run dates on which it does not hold, ascending.
    sentence
        All of this and the reason for the expectation, as a person reads it.
    """

    expectation: str
    severity: str
    column: str
    n_rows: int
    examples: tuple[str, ...]
    observed: str
    run_dates: tuple[date, ...]
    sentence: str


@dataclass(frozen=True)
class Audit:
    """The checks of one frame of one table.

    Attributes
    ----------
    app, table
        Whose.
    run_dates
        The run dates in the frame, ascending.
    rows
        Rows of the frame.
    failures
        What does not hold, critical before warnings.
    document
        The validation result as JSON-able values, for Data Docs.
    released
        ``<table>.<expectation>``: the run dates for which an operator released it.
    """

    app: str
    table: str
    run_dates: tuple[date, ...]
    rows: int
    failures: tuple[Failure, ...]
    document: Mapping[str, Any]
    released: Mapping[str, frozenset[date]] = field(default_factory=dict)

    @property
    def critical(self) -> tuple[Failure, ...]:
        """What stops the night: critical, and not released for each date on which it fails."""
        return tuple(failure for failure in self.failures if self._stops(failure))

    @property
    def reported(self) -> tuple[Failure, ...]:
        """What the night goes on with: warnings, and critical failures that were released."""
        return tuple(failure for failure in self.failures if not self._stops(failure))

    def raise_if_critical(self) -> None:
        """End the stage if the table must not be shown.

        Raises
        ------
        ChecksFailedError
            If a critical expectation failed that is not released.
        """
        raise_if_critical([self])

    def _stops(self, failure: Failure) -> bool:
        released = self.released.get(f"{self.table}.{failure.expectation}", frozenset())
        return failure.severity == "critical" and not set(failure.run_dates) <= released

    def told(self) -> str:
        """What stops the night, a line for each check."""
        lines = "\n".join(f"  {self.table}.{failure.sentence}" for failure in self.critical)
        return (
            f"table {self.table!r} failed {len(self.critical)} critical check(s) for {_dates(self.run_dates)} "
            f"({self.rows} rows):\n{lines}"
        )


def raise_if_critical(audits: Sequence[Audit]) -> None:
    """End a stage whose tables must not be shown, with all that was found in one message.

    Raises
    ------
    ChecksFailedError
        If one of the audits found something critical that is not released.
    """
    refused = [audit for audit in audits if audit.critical]
    if not refused:
        return
    found = "\n".join(audit.told() for audit in refused)
    raise ChecksFailedError(
        f"{found}\nwhat was written is kept for inspection and is read by nobody; mend what made it and run the same "
        f"date again, or release it: {_command(refused)}"
    )


def _command(refused: Sequence[Audit]) -> str:
    names = [f"{audit.table}.{failure.expectation}" for audit in refused for failure in audit.critical]
    app, dates = refused[0].app, refused[0].run_dates
    if len(dates) == 1:
        return " ; ".join(
            f"nightjar accept --app {app} --date {dates[0]} --expectation {name} --reason TEXT" for name in names
        )
    accepted = " ".join(f"--accept {name}" for name in names)
    return f"nightjar backfill --app {app} --from {dates[0]} --to {dates[-1]} {accepted} --reason TEXT"


def _dates(run_dates: Sequence[date]) -> str:
    if len(run_dates) == 1:
        return f"run date {run_dates[0]}"
    return f"{len(run_dates)} run dates {run_dates[0]} to {run_dates[-1]}"
