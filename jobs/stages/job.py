"""A stage's hands: what it reads, and the attempts that it writes, audits and at its end makes current."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.adapters.lake import AcceptedChecks, Attempt, Lake, Manifest
from jobs.adapters.lake.accepted import released_dates
from jobs.adapters.lake.expose import expose_partition
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.schemas import ITEM_PROFILES, RAW_FILES
from jobs.core.state_schemas import REST_TABLES
from jobs.core.table import Table
from jobs.features.online import ONLINE_VIEWS
from jobs.features.rest import MergeDays
from jobs.readers.log_files import LogFiles
from jobs.stages.check_pages import CHECKS_FILE
from jobs.stages.provenance import Provenance
from jobs.stages.stage import Stage
from jobs.stages.surroundings import surroundings

# Pandas, Spark and Great Expectations take seconds to import: a job imports each at its first use.
if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession

    from jobs.adapters.lake.store import Prepared
    from jobs.adapters.quality import Audit

log = logging.getLogger("nightjar")

# Of a log file, packed as Parquet.
_BYTES_PER_ROW = 20
_AT_REST = frozenset(table.name for table in REST_TABLES)


@dataclass
class Job:
    """One run of one stage.

    Attributes
    ----------
    stage, night, home, lake
        What runs, for which dates, and where.
    provenance
        Goes into every manifest.
    inputs
        Current manifests of everything the stage declared to read, by table, ascending by date.
    log_files
        Log files by log, for the one stage that reads them.
    only
        Tables to write, of those that the stage writes; empty for all.
    """

    stage: Stage
    night: Night
    home: Home
    lake: Lake
    provenance: Provenance
    inputs: dict[str, list[Manifest]]
    log_files: LogFiles = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    _pending: list[Manifest] = field(default_factory=list)
    _attempts: list[Attempt] = field(default_factory=list)
    _refused: list[Attempt] = field(default_factory=list)
    _failed: "list[Audit]" = field(default_factory=list)
    _scratch: list[Path] = field(default_factory=list)

    @property
    def spark(self) -> "SparkSession":
        """The process's Spark session; started at first use."""
        from jobs.adapters.spark.session import spark_session

        settings = self.night.settings.spark.for_rows(self._rows_to_read())
        return spark_session(settings, self.home.root, f"{self.stage.name} {self.night.run_date}")

    def _rows_to_read(self) -> int:
        """Roughly: rows of tables, and those of kept log files by their bytes.

        Keys at rest are only looked up, but for the nights that copy them.
        """
        looked_up = set() if MergeDays.of(self.night.settings).within(self.night.first, self.night.last) else _AT_REST
        manifests = [found for name, many in self.inputs.items() if name not in looked_up for found in many]
        kept = (self.lake.attempt_folder(manifest) for manifest in self.inputs.get(RAW_FILES.name, []))
        n_bytes = sum(path.stat().st_size for folder in set(kept) for path in folder.rglob("*") if path.is_file())
        return sum(manifest.rows for manifest in manifests) + n_bytes // _BYTES_PER_ROW

    def manifest(self, table: Table, run_date: date) -> Manifest | None:
        """The declared input partition, or None where the stage did not read one."""
        found = self.inputs.get(table.name, [])
        return next((manifest for manifest in found if manifest.run_date == run_date), None)

    def read_spark(self, table: Table) -> "DataFrame":
        """All declared partitions of a table, with their `run_date`."""
        from jobs.adapters.spark.lake_io import read_partitions

        return read_partitions(self.spark, self.lake, table, self.inputs.get(table.name, []))

    def read_pandas(
        self, table: Table, run_date: date | None = None, columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """One declared partition, by default the night's, ordered by its grain; empty where there is none."""
        from jobs.adapters.lake.arrow import empty_pandas, read_pandas

        manifest = self.manifest(table, run_date or self.night.run_date)
        return read_pandas(self.lake, table, manifest, columns) if manifest else empty_pandas(table, columns)

    def read_pandas_days(
        self, table: Table, dates: Iterable[date], columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Several declared partitions, one after the other."""
        import pandas as pd

        from jobs.adapters.lake.arrow import empty_pandas

        parts = [self.read_pandas(table, day, columns) for day in dates]
        filled = [part for part in parts if not part.empty]
        return pd.concat(filled, ignore_index=True) if filled else empty_pandas(table, columns)

    def write_spark(self, table: Table, frame: "DataFrame", dates: list[date] | None = None) -> "DataFrame":
        """Write and audit a frame with a `run_date`; current only when the stage ends.

        Few rows are audited in pandas, read back from their files, which spares Spark a dozen jobs; many by
        Spark. Returns the written rows, for stages that go on with them.
        """
        from jobs.adapters.lake.arrow import count_rows, read_attempt
        from jobs.adapters.spark import lake_io
        from jobs.adapters.spark.types import contract

        if self.only and table.name not in self.only:
            return frame.selectExpr(*contract(table))
        run_dates = self.night.dates if dates is None else dates
        attempt = self._begin(table)
        digests = lake_io.write_attempt(
            table, frame, attempt, run_dates, self.night.settings.spark.shuffle_partitions
        )
        log.debug("%s: written", table.name)
        written = lake_io.read_attempt(self.spark, table, attempt, run_dates)
        if count_rows(attempt, run_dates) <= self.night.settings.checks.driver_rows:
            audit = self._audit(table, lambda: read_attempt(table, attempt, run_dates), run_dates, attempt)
        else:
            digests = digests or lake_io.digest_attempt(self.spark, table, attempt, run_dates)
            audited = written.drop("run_date") if len(run_dates) == 1 else written
            audit = self._audit(table, lambda: audited, run_dates, attempt)
        for day in run_dates:
            self._keep(table, attempt, day, digests.get(day) or self._digest(table, attempt, day), audit)
        log.debug("%s: written and checked", table.name)
        return written

    def scratch(self, frame: "DataFrame") -> "DataFrame":
        """The frame, computed once and kept in files until the stage ends: cheaper than Spark's cache."""
        from jobs.adapters.spark.lake_io import keep_in_files

        folder = self._scratch_folder / str(len(self._scratch))
        self._scratch.append(folder)
        return keep_in_files(frame, folder)

    def clear_scratch(self) -> None:
        """Remove what `scratch` kept."""
        if self._scratch:
            shutil.rmtree(self._scratch_folder, ignore_errors=True)

    @property
    def _scratch_folder(self) -> Path:
        return self.home.root / "spark" / f"scratch-{self.stage.name}-{os.getpid()}"

    def write_pandas(self, table: Table, frame: "pd.DataFrame", run_date: date | None = None) -> str:
        """Audit and write the rows of one date, current only when the stage ends; returns their digest."""
        from jobs.adapters.lake.arrow import write_pandas

        day = run_date or self.night.run_date
        attempt = self._begin(table)
        write_pandas(table, frame, attempt, day)
        counted = self._digest(table, attempt, day)
        self._keep(table, attempt, day, counted, self._audit(table, lambda: frame, [day], attempt))
        return counted[1]

    def write_pandas_days(self, table: Table, frame: "pd.DataFrame", ask: bool = True) -> None:
        """Audit and write rows of the night's dates, which `run_date` tells; current only when the stage ends.

        Where there are no rows, or without `ask` because the caller knows that there is nothing to find, the checks
        are spared: their library takes seconds to import.
        """
        from jobs.adapters.lake.arrow import write_pandas

        dates = self.night.dates
        attempt = self._begin(table)
        for day in dates:
            write_pandas(table, frame[frame["run_date"] == day].drop(columns="run_date"), attempt, day)
        audited = frame.drop(columns="run_date") if len(dates) == 1 else frame
        audit = self._audit(table, lambda: audited, dates, attempt) if ask and len(frame) else None
        for day in dates:
            self._keep(table, attempt, day, self._digest(table, attempt, day), audit)

    def write_beside(self, table: Table, frame: "pd.DataFrame") -> Path:
        """Write rows that tell of files; returns the attempt's folder, into which the caller puts these."""
        self.write_pandas_days(table, frame)
        return self._attempts[-1].folder

    def commit(self) -> dict[str, int]:
        """Make everything written current; rows by table.

        Raises
        ------
        ChecksFailedError
            If a back-fill's tables failed critical checks; nothing is current then.
        """
        self.raise_if_refused()
        self._drop_unasked()
        rows: dict[str, int] = {}
        for prepared in self._prepared():
            manifest = prepared.manifest
            if self.lake.place(prepared):
                # What is current is no longer ours to remove, should the next table fail.
                self._attempts = [kept for kept in self._attempts if kept.table != manifest.table]
                self._expose(manifest)
            else:
                log.warning(
                    "%s %s: a later attempt is current, this one stays aside",
                    manifest.table,
                    manifest.run_date,
                )
            rows[manifest.table] = rows.get(manifest.table, 0) + manifest.rows
        return rows

    def _drop_unasked(self) -> None:
        """Of what was written for the rest of the stage, only tables that were asked for become current."""
        if self.only:
            self._pending = [manifest for manifest in self._pending if manifest.table in self.only]
            for attempt in self._attempts:
                if attempt.table not in self.only:
                    shutil.rmtree(attempt.folder, ignore_errors=True)

    @property
    def refused(self) -> tuple[Attempt, ...]:
        """Attempts that critical checks refused."""
        return tuple(self._refused)

    def raise_if_refused(self) -> None:
        """End the stage if critical checks failed, with all that was found so far."""
        if self._failed:
            from jobs.adapters.quality.outcome import raise_if_critical

            raise_if_critical(self._failed)

    def _prepared(self) -> "list[Prepared]":
        """All manifests, written before the first is current: a disk that is full then changes nothing."""
        prepared: list[Prepared] = []
        try:
            for manifest in self._pending:
                prepared.append(self.lake.prepare(manifest))
        except BaseException:
            for one in prepared:
                one.drop()
            raise
        return prepared

    def _expose(self, manifest: Manifest) -> None:
        """Show the partition of a view to Feast's offline sources."""
        if manifest.table in ONLINE_VIEWS:
            expose_partition(self.lake, manifest, self.home.offline / manifest.table)

    def discard(self) -> None:
        """Remove what a failed run wrote; attempts that a check refused stay for inspection."""
        for attempt in self._attempts:
            if attempt not in self._refused:
                shutil.rmtree(attempt.folder, ignore_errors=True)

    def _begin(self, table: Table) -> Attempt:
        attempt = self.lake.begin(table.name)
        self._attempts.append(attempt)
        return attempt

    def _digest(self, table: Table, attempt: Attempt, day: date) -> tuple[int, str]:
        from jobs.adapters.lake.digest import digest_files

        return digest_files(table, [attempt.folder / name for name in attempt.files(day)])

    def _audit(
        self,
        table: Table,
        frame: "Callable[[], pd.DataFrame | DataFrame]",
        dates: list[date],
        attempt: Attempt,
    ) -> "Audit | None":
        from expectations.registry import SUITES
        from jobs.adapters.quality import audit

        manifests = [*self._pending, *self.inputs.get(ITEM_PROFILES.name, [])]
        around = surroundings(self.lake, table, self.night, manifests)
        if table.name not in SUITES and not around.has_catalogue:
            return None
        accepted = AcceptedChecks(self.lake.root).of([table.name], dates[0], dates[-1])
        released = released_dates(accepted, dates)
        result = audit(frame(), table, self.night.settings, tuple(dates), around, released)
        (attempt.folder / CHECKS_FILE).write_text(json.dumps(result.document), encoding="utf-8")
        for failure in result.reported:
            log.warning("%s %s: %s", table.name, dates[-1], failure.sentence)
        if result.critical:
            self._refused.append(attempt)
            self._failed.append(result)
        # A back-fill, which changes nothing but the lake, goes on to tell all that is wrong; see `commit`.
        if not self.stage.ranged:
            self.raise_if_refused()
        return result

    def _keep(
        self, table: Table, attempt: Attempt, day: date, counted: tuple[int, str], audit: "Audit | None"
    ) -> None:
        """Current when the stage ends."""
        made = self.provenance.manifest(self.night, table, attempt, day, counted)
        self._pending.append(made.model_copy(update={"checks": reported(audit, day)}))


def reported(audit: "Audit | None", day: date) -> tuple[dict[str, str], ...]:
    """What a date's manifest says of its checks."""
    found = [failure for failure in audit.reported if day in failure.run_dates] if audit else []
    return tuple(
        {"expectation": failure.expectation, "severity": failure.severity, "sentence": failure.sentence}
        for failure in found
    )
