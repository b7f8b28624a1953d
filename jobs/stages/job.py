"""A stage's hands: what it reads, and the attempts that it writes, audits and at its end makes current."""

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.adapters.lake import Attempt, Lake, Manifest
from jobs.adapters.lake.expose import expose_partition
from jobs.core.fingerprint import settings_fingerprint
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.table import Table
from jobs.datasets.tables import table_named
from jobs.features.online import ONLINE_VIEWS
from jobs.stages.catalog import Stage

# Pandas, Spark and Great Expectations take seconds to import: a job imports each at its first use.
if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession

    from jobs.adapters.quality import Audit

log = logging.getLogger("nightjar")

CHECKS_FILE = "_checks.json"


@dataclass(frozen=True)
class Provenance:
    """What a stage run depends on, as it goes into its manifests."""

    inputs: dict[str, str]
    settings: str
    code: str
    fingerprint: str


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
        Log files by run date, for the one stage that reads them.
    """

    stage: Stage
    night: Night
    home: Home
    lake: Lake
    provenance: Provenance
    inputs: dict[str, list[Manifest]]
    log_files: dict[date, Path] = field(default_factory=dict)
    _pending: list[Manifest] = field(default_factory=list)
    _attempts: list[Attempt] = field(default_factory=list)
    _refused: list[Attempt] = field(default_factory=list)

    @property
    def spark(self) -> "SparkSession":
        """The process's Spark session; started at first use."""
        from jobs.adapters.spark.session import spark_session

        return spark_session(self.night.settings.spark, self.home.root, f"{self.stage.name} {self.night.run_date}")

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
        """Cache, write and audit a frame with a `run_date`; current only when the stage ends.

        A frame of few rows is read back from its files, which spares Spark a dozen jobs; a large one is
        hashed and audited by Spark, from the cache. Returns the cached frame, for stages that go on with it.
        """
        from jobs.adapters.lake.arrow import count_rows, read_attempt
        from jobs.adapters.spark.digest import digest_frame
        from jobs.adapters.spark.lake_io import write_attempt
        from jobs.adapters.spark.types import contract

        run_dates = self.night.dates if dates is None else dates
        cached = frame.selectExpr(*contract(table)).persist()
        attempt = self._begin(table)
        write_attempt(table, cached, attempt, run_dates, self.night.settings.spark.shuffle_partitions)
        log.debug("%s: written", table.name)
        if count_rows(attempt, run_dates) <= self.night.settings.checks.driver_rows:
            digests = {day: self._digest(table, attempt, day) for day in run_dates}
            audit = self._audit(table, lambda: read_attempt(table, attempt, run_dates), run_dates, attempt)
        else:
            digests = digest_frame(table, cached)
            audited = cached.drop("run_date") if len(run_dates) == 1 else cached
            audit = self._audit(table, lambda: audited, run_dates, attempt)
        for day in run_dates:
            rows, digest = digests.get(day) or self._digest(table, attempt, day)
            self._pending.append(self._manifest(table, attempt, day, rows, digest, audit))
        log.debug("%s: written and checked", table.name)
        return cached

    def write_pandas(self, table: Table, frame: "pd.DataFrame", run_date: date | None = None) -> str:
        """Audit and write the rows of one date, current only when the stage ends; returns their digest."""
        from jobs.adapters.lake.arrow import write_pandas

        day = run_date or self.night.run_date
        attempt = self._begin(table)
        write_pandas(table, frame, attempt, day)
        rows, digest = self._digest(table, attempt, day)
        audit = self._audit(table, lambda: frame, [day], attempt)
        self._pending.append(self._manifest(table, attempt, day, rows, digest, audit))
        return digest

    def commit(self) -> dict[str, int]:
        """Make everything written current; rows by table."""
        rows: dict[str, int] = {}
        for manifest in self._pending:
            if self.lake.commit(manifest):
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

        if table.name not in SUITES:
            return None
        result = audit(frame(), table, self.night.settings, tuple(dates), self._trailing_rows(table, dates))
        (attempt.folder / CHECKS_FILE).write_text(json.dumps(result.document), encoding="utf-8")
        for failure in result.reported:
            log.warning("%s %s: %s", table.name, dates[-1], failure.sentence)
        if result.critical:
            self._refused.append(attempt)
        result.raise_if_critical()
        return result

    def _trailing_rows(self, table: Table, dates: list[date]) -> list[int]:
        """Rows of the same weekday in the weeks before, closed days left out; for a single open date only.

        Where there is nothing to compare with, one row: an open day must bring something.
        """
        if len(dates) != 1 or self.night.settings.calendar.is_closed(dates[0]):
            return []
        weeks = range(1, self.night.settings.checks.volume_weeks + 1)
        days = [dates[0] - timedelta(weeks=week) for week in weeks]
        is_closed = self.night.settings.calendar.is_closed
        manifests = [self.lake.manifest(table.name, day) for day in days if not is_closed(day)]
        return [manifest.rows for manifest in manifests if manifest] or [1]

    def _manifest(
        self, table: Table, attempt: Attempt, day: date, rows: int, digest: str, audit: "Audit | None"
    ) -> Manifest:
        return Manifest(
            table=table.name,
            run_date=day,
            attempt=attempt.number,
            files=attempt.files(day),
            rows=rows,
            digest=digest,
            stage=self.stage.name,
            fingerprint=self.provenance.fingerprint,
            inputs=self.provenance.inputs,
            settings=self.provenance.settings,
            code=self.provenance.code,
            schema_version=table.schema_version,
            state_version=table.state_version,
            shape=settings_fingerprint(self.night.settings, table.shaped_by),
            checks=_reported(audit),
        )


def _reported(audit: "Audit | None") -> tuple[dict[str, str], ...]:
    found = audit.reported if audit else ()
    return tuple(
        {"expectation": failure.expectation, "severity": failure.severity, "sentence": failure.sentence}
        for failure in found
    )


def check_state(manifest: Manifest, night: Night) -> str | None:
    """Why yesterday's state cannot be rolled forward, or None where it can."""
    table = table_named(manifest.table)
    if table.kind != "state":
        return None
    if manifest.state_version != table.state_version:
        return f"was written with state version {manifest.state_version}, this code has {table.state_version}"
    if manifest.shape != settings_fingerprint(night.settings, table.shaped_by):
        return f"was shaped by other values of {', '.join(table.shaped_by)}"
    return None
