"""A stage's hands: what it reads, and the attempts that it writes, audits and at its end makes current."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.adapters.lake import Attempt
from jobs.core.table import Table
from jobs.readers.log_files import LogFiles
from jobs.stages.branches import Beside, run_branches
from jobs.stages.inputs import Inputs
from jobs.stages.results import Results
from jobs.stages.scratch import Scratch

# Pandas and Spark take seconds to import: a job imports each at its first use.
if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

    from jobs.adapters.lake.parts_file import PartsFile

log = logging.getLogger("nightjar")

_SPARK_STARTS = 10
"""A stage without Spark checks so many times `checks.driver_rows` in pandas before it pays for a session's start,
but for rows with lists, which take that much more room."""


@dataclass
class Job(Inputs):
    """One run of one stage; what it reads is in `Inputs`.

    Attributes
    ----------
    log_files
        Log files by log, for the one stage that reads them.
    only
        Tables to write, of those that the stage writes; empty for all.
    """

    log_files: LogFiles = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    _results: Results = field(init=False)
    _scratch: Scratch = field(init=False)
    _audits: Beside = field(default_factory=Beside)

    def __post_init__(self) -> None:
        self._results = Results(self, self.only)
        self._scratch = Scratch(self.home, self.stage.name)

    def side_by_side(self, *branches: "Callable[[], Any]") -> list[Any]:
        """Results of parts that read nothing another of them writes: while Spark plans one, it computes another.

        Raises
        ------
        Exception
            Of the first branch that fails; what Spark computes for the others is called off.
        """
        return run_branches(branches, self.spark.sparkContext.cancelAllJobs)

    def write_spark(self, table: Table, frame: "DataFrame", dates: list[date] | None = None) -> "DataFrame":
        """Write and audit a frame with a `run_date`; current only when the stage ends.

        Few rows are audited in pandas, read back from their files, which spares Spark a dozen jobs; many by
        Spark. Audits run beside what follows, one by one in the order of the writes. Returns the written rows, for
        stages that go on with them.
        """
        from jobs.adapters.spark import lake_io
        from jobs.adapters.spark.types import contract

        if self.only and table.name not in self.only:
            return frame.selectExpr(*contract(table))
        run_dates = self.night.dates if dates is None else dates
        if not self._results.attempts:
            # Great Expectations takes seconds to import: meanwhile Spark computes what it will be asked about.
            self._audits.begin(lambda: import_module("jobs.adapters.quality.engine"))
        attempt = self._results.begin(table)
        digests = lake_io.write_attempt(
            table, frame, attempt, run_dates, self.night.settings.spark.shuffle_partitions
        )
        log.debug("%s: written", table.name)
        written = lake_io.read_attempt(self.spark, table, attempt, run_dates)
        driver_rows = self.night.settings.checks.driver_rows
        self._audits.begin(lambda: self._keep_written(table, attempt, run_dates, driver_rows, digests))
        return written

    def begin_parts(self, table: Table) -> "PartsFile":
        """Begin to write a table of the run date of which no process could hold all rows."""
        from jobs.adapters.lake.parts_file import PartsFile

        return PartsFile(table, self._results.begin(table), self.night.run_date)

    def keep_parts(self, parts: "PartsFile") -> str:
        """Audit all parts together, current only when the stage ends; returns their digest."""
        parts.close()
        is_wide = any(column.type.startswith("array") for column in parts.table.columns)
        most = (1 if is_wide else _SPARK_STARTS) * self.night.settings.checks.driver_rows
        return self._keep_written(parts.table, parts.attempt, [parts.run_date], most, {})[parts.run_date]

    def _keep_written(
        self,
        table: Table,
        attempt: Attempt,
        run_dates: list[date],
        driver_rows: int,
        digests: Mapping[date, tuple[int, str]],
    ) -> dict[date, str]:
        """Audit what an attempt's files hold, up to so many rows in pandas; digest by date."""
        from jobs.adapters.lake.arrow import count_rows, read_attempt

        if count_rows(attempt, run_dates) <= driver_rows:
            audit = self._results.audit(table, lambda: read_attempt(table, attempt, run_dates), run_dates, attempt)
        else:
            from jobs.adapters.spark import lake_io

            digests = digests or lake_io.digest_attempt(self.spark, table, attempt, run_dates)
            written = lake_io.read_attempt(self.spark, table, attempt, run_dates)
            audited = written.drop("run_date") if len(run_dates) == 1 else written
            audit = self._results.audit(table, lambda: audited, run_dates, attempt)
        counted = {day: digests.get(day) or _digest(table, attempt, day) for day in run_dates}
        for day in run_dates:
            self._results.keep(table, attempt, day, counted[day], audit)
        return {day: digest for day, (_, digest) in counted.items()}

    def write_pandas(self, table: Table, frame: "pd.DataFrame", run_date: date | None = None) -> str:
        """Audit and write the rows of one date, current only when the stage ends; returns their digest."""
        from jobs.adapters.lake.arrow import write_pandas

        day = run_date or self.night.run_date
        attempt = self._results.begin(table)
        write_pandas(table, frame, attempt, day)
        counted = _digest(table, attempt, day)
        audit = self._results.audit(table, lambda: frame, [day], attempt)
        self._results.keep(table, attempt, day, counted, audit)
        return counted[1]

    def read_replaced(self, table: Table) -> "pd.DataFrame":
        """Rows of the run date that are current before this run; empty where there are none.

        What the stage makes of them replaces these rows and no others; see `Results.commit`.
        """
        from jobs.adapters.lake.arrow import empty_pandas, read_pandas

        current = self._results.to_replace(table)
        return read_pandas(self.lake, table, current) if current else empty_pandas(table)

    def written(self, table: Table) -> list[Path]:
        """Files of what this job wrote for its run date last, not current yet."""
        attempt = next(one for one in reversed(self._results.attempts) if one.table == table.name)
        return [attempt.folder / name for name in attempt.files(self.night.run_date)]

    def write_pandas_days(self, table: Table, frame: "pd.DataFrame", ask: bool = True) -> None:
        """Audit and write rows of the night's dates, which `run_date` tells; current only when the stage ends.

        Where there are no rows, or without `ask` because the caller knows that there is nothing to find, the checks
        are spared: their library takes seconds to import.
        """
        from jobs.adapters.lake.arrow import write_pandas

        dates = self.night.dates
        attempt = self._results.begin(table)
        for day in dates:
            write_pandas(table, frame[frame["run_date"] == day].drop(columns="run_date"), attempt, day)
        audited = frame.drop(columns="run_date") if len(dates) == 1 else frame
        audit = self._results.audit(table, lambda: audited, dates, attempt) if ask and len(frame) else None
        for day in dates:
            self._results.keep(table, attempt, day, _digest(table, attempt, day), audit)

    def write_beside(self, table: Table, frame: "pd.DataFrame") -> Path:
        """Write rows that tell of files; returns the attempt's folder, into which the caller puts these."""
        self.write_pandas_days(table, frame)
        return self._results.attempts[-1].folder

    def scratch(self, frame: "DataFrame") -> "DataFrame":
        """The frame, computed once and kept in files until the stage ends: cheaper than Spark's cache."""
        return self._scratch.keep(frame)

    def clear_scratch(self) -> None:
        """Remove what `scratch` kept."""
        self._scratch.clear()

    def commit(self) -> dict[str, int]:
        """Make everything written current; rows by table. This and what follows is told in `Results`."""
        self._audits.finish()
        return self._results.commit()

    def discard(self) -> None:
        """Remove what a failed run wrote, but for what checks refused."""
        self._audits.abandon()
        self._results.discard()

    @property
    def refused(self) -> tuple[Attempt, ...]:
        """Attempts that critical checks refused."""
        return self._results.refused

    def raise_if_refused(self) -> None:
        """End the stage if critical checks failed, with all that was found so far."""
        self._results.raise_if_refused()


def _digest(table: Table, attempt: Attempt, day: date) -> tuple[int, str]:
    """Number of rows and their digest, from the files."""
    from jobs.adapters.lake.digest import digest_files

    return digest_files(table, [attempt.folder / name for name in attempt.files(day)])
