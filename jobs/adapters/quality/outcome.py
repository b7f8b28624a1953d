"""What an audit found, and whether the night may go on."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    sentence
        All of this and the reason for the expectation, as a person reads it.
    """

    expectation: str
    severity: str
    column: str
    n_rows: int
    examples: tuple[str, ...]
    observed: str
    sentence: str


@dataclass(frozen=True)
class Audit:
    """The checks of one frame of one table.

    Attributes
    ----------
    table
        Its name.
    run_dates
        The run dates in the frame, ascending.
    rows
        Rows of the frame.
    failures
        What does not hold, critical before warnings.
    document
        The validation result as JSON-able values, for Data Docs.
    accept
        The operator's ``<table>.<expectation>`` names that are released (`checks.accept`).
    """

    table: str
    run_dates: tuple[date, ...]
    rows: int
    failures: tuple[Failure, ...]
    document: Mapping[str, Any]
    accept: tuple[str, ...] = ()

    @property
    def critical(self) -> tuple[Failure, ...]:
        """What stops the night: critical and not released."""
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
            If a critical expectation failed that is not in `checks.accept`.
        """
        if not self.critical:
            return
        lines = "\n".join(f"  {self.table}.{failure.sentence}" for failure in self.critical)
        name = f"{self.table}.{self.critical[0].expectation}"
        raise ChecksFailedError(
            f"table {self.table!r} failed {len(self.critical)} critical check(s) for {self._dates()} "
            f"({self.rows} rows):\n{lines}\n"
            "its attempt was kept for inspection and is read by nobody; mend what made it and run the same "
            f"date again, or release a check by its name in the app's file: `checks: {{accept: [{name}]}}`"
        )

    def _stops(self, failure: Failure) -> bool:
        return failure.severity == "critical" and f"{self.table}.{failure.expectation}" not in self.accept

    def _dates(self) -> str:
        if len(self.run_dates) == 1:
            return f"run date {self.run_dates[0]}"
        return f"{len(self.run_dates)} run dates {self.run_dates[0]} to {self.run_dates[-1]}"
