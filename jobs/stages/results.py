"""The attempts that a stage run writes: audited one by one, current together at its end, or not at all."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from jobs.adapters.lake import AcceptedChecks, Attempt, Manifest
from jobs.adapters.lake.accepted import released_dates
from jobs.adapters.lake.expose import expose_current
from jobs.adapters.lake.manifest import attempt_of
from jobs.core.schemas import ITEM_PROFILES, LEDGER, QUARANTINE
from jobs.core.table import Table
from jobs.features.online import ONLINE_VIEWS
from jobs.stages.check_pages import CHECKS_FILE
from jobs.stages.inputs import Inputs
from jobs.stages.overtaken import overtaken, raise_if_inputs_changed, raise_if_outputs_newer
from jobs.stages.surroundings import surroundings

# Great Expectations takes seconds to import.
if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

    from jobs.adapters.lake.store import Prepared
    from jobs.adapters.quality import Audit

log = logging.getLogger("nightjar")

# `nightjar quarantine` is asked most after a night that was stopped.
_EXPLAINS = (LEDGER.name, QUARANTINE.name)


@dataclass
class Results:
    """Attempts and manifests of one run.

    Attributes
    ----------
    run
        What they are made of.
    only
        Tables that may become current; empty for all.
    attempts
        Begun so far and not current yet.
    """

    run: Inputs
    only: frozenset[str] = frozenset()
    attempts: list[Attempt] = field(default_factory=list)
    _pending: list[Manifest] = field(default_factory=list)
    _replaces: dict[tuple[str, date], int] = field(default_factory=dict)
    _refused: list[Attempt] = field(default_factory=list)
    _failed: "list[Audit]" = field(default_factory=list)

    def begin(self, table: Table) -> Attempt:
        """A new attempt."""
        attempt = self.run.lake.begin(table.name)
        self.attempts.append(attempt)
        return attempt

    def to_replace(self, table: Table) -> Manifest | None:
        """What is current for the run date, to be read; what comes of it replaces this one alone, see `commit`."""
        found = self.run.lake.manifest(table.name, self.run.night.run_date)
        self._replaces[table.name, self.run.night.run_date] = attempt_of(found)
        return found

    def audit(
        self,
        table: Table,
        frame: "Callable[[], pd.DataFrame | DataFrame]",
        dates: list[date],
        attempt: Attempt,
    ) -> "Audit | None":
        """Check what was written; None for a table of which nothing is asked.

        Raises
        ------
        ChecksFailedError
            If critical checks fail. A back-fill, which changes nothing but the lake, goes on to tell all that is
            wrong; see `commit`.
        """
        from expectations.registry import SUITES
        from jobs.adapters.quality import audit

        lake, night = self.run.lake, self.run.night
        manifests = [*self._pending, *self.run.inputs.get(ITEM_PROFILES.name, [])]
        around = surroundings(lake, table, night, manifests)
        if table.name not in SUITES and not around.has_catalogue:
            return None
        released = released_dates(AcceptedChecks(lake.root).of([table.name], dates[0], dates[-1]), dates)
        result = audit(frame(), table, night.settings, tuple(dates), around, released)
        (attempt.folder / CHECKS_FILE).write_text(json.dumps(result.document), encoding="utf-8")
        for failure in result.reported:
            log.warning("%s %s: %s", table.name, dates[-1], failure.sentence)
        if result.critical:
            self._refused.append(attempt)
            self._failed.append(result)
        if not self.run.stage.ranged:
            self.raise_if_refused()
        return result

    def keep(
        self, table: Table, attempt: Attempt, day: date, counted: tuple[int, str], audit: "Audit | None"
    ) -> None:
        """Current when the stage ends; `counted` are its rows and their digest."""
        made = self.run.provenance.manifest(self.run.night, table, attempt, day, counted)
        self._pending.append(made.model_copy(update={"checks": reported(audit, day)}))

    def commit(self) -> dict[str, int]:
        """Make everything kept current; rows by table.

        Raises
        ------
        ChecksFailedError
            If a back-fill's tables failed critical checks; nothing is current then.
        OvertakenError
            If what the run has read was made anew meanwhile, or a later run has ended; nothing becomes current. Also
            if rows that the stage read in order to replace them were themselves replaced, by other ones than it made.
        """
        self.raise_if_refused()
        self._drop_unasked()
        # Not as threads happened to end: a stage that is killed in between is then the same each time.
        self._pending.sort(key=lambda manifest: (self._place(manifest.table), manifest.run_date))
        prepared = self._prepared()
        # Tables of two copies of a stage must not mix: one of them places all of its own, and then the other looks.
        with self.run.lake.commit_lock(self.run.stage.name):
            try:
                raise_if_inputs_changed(self.run)
                raise_if_outputs_newer(self.run, self._pending)
            except BaseException:
                _drop(prepared)
                raise
            return self._made_current(prepared)

    def _made_current(self, prepared: "list[Prepared]") -> dict[str, int]:
        """Place and show them; rows by table."""
        rows: dict[str, int] = {}
        for one in prepared:
            manifest = one.manifest
            # What is current is no longer ours to remove, should the next table fail, or somebody press Ctrl-C.
            self.attempts = [kept for kept in self.attempts if kept.table != manifest.table]
            if not self.run.lake.place(one, self._replaces.get((manifest.table, manifest.run_date))):
                self._leave_aside(manifest)
            # Also the later one: whoever placed it may have died before it was shown.
            self._expose(manifest)
            rows[manifest.table] = rows.get(manifest.table, 0) + manifest.rows
        return rows

    def _leave_aside(self, manifest: Manifest) -> None:
        """Go on with what is current instead; but it may hold what the stage would have kept, had it seen it."""
        table, day = manifest.table, manifest.run_date
        if (table, day) in self._replaces:
            current = self.run.lake.manifest(table, day)
            if current is None or current.digest != manifest.digest:
                by = current.stage if current else "nobody"
                raise overtaken(self.run, f"table {table!r} of run_date={day} was written by {by} meanwhile")
        log.warning("%s %s: another attempt is current, this one stays aside", table, day)

    def _drop_unasked(self) -> None:
        """Of what was written for the rest of the stage, only tables that were asked for become current."""
        if self.only:
            self._pending = [manifest for manifest in self._pending if manifest.table in self.only]
            for attempt in self.attempts:
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

            raise_if_critical(sorted(self._failed, key=lambda audit: self._place(audit.table)))

    def _place(self, table: str) -> int:
        """Where the stage declares a table."""
        writes = self.run.stage.writes
        return writes.index(table) if table in writes else len(writes)

    def _prepared(self) -> "list[Prepared]":
        """All manifests, written before the first is current: a disk that is full then changes nothing."""
        prepared: list[Prepared] = []
        try:
            for manifest in self._pending:
                prepared.append(self.run.lake.prepare(manifest))
        except BaseException:
            _drop(prepared)
            raise
        return prepared

    def _expose(self, manifest: Manifest) -> None:
        """Show the partition of a view to Feast's offline sources."""
        if manifest.table in ONLINE_VIEWS:
            folder = self.run.home.offline / manifest.table
            expose_current(self.run.lake, manifest.table, manifest.run_date, folder)

    def discard(self) -> None:
        """Remove what a failed run wrote; attempts that a check refused, and what explains them, stay."""
        explains = _EXPLAINS if self._refused else ()
        for attempt in self.attempts:
            if attempt not in self._refused and attempt.table not in explains:
                shutil.rmtree(attempt.folder, ignore_errors=True)


def _drop(prepared: "list[Prepared]") -> None:
    for one in prepared:
        one.drop()


def reported(audit: "Audit | None", day: date) -> tuple[dict[str, str], ...]:
    """What a date's manifest says of its checks."""
    found = [failure for failure in audit.reported if day in failure.run_dates] if audit else []
    return tuple(
        {"expectation": failure.expectation, "severity": failure.severity, "sentence": failure.sentence}
        for failure in found
    )
