"""What a stage run depends on, as it goes into its manifests."""

from dataclasses import dataclass
from datetime import date

from jobs.adapters.lake import Attempt, Manifest
from jobs.core.fingerprint import settings_fingerprint
from jobs.core.night import Night
from jobs.core.table import Table


@dataclass(frozen=True)
class Provenance:
    """The fields of a manifest that are the same for all that a stage run writes; see `Manifest`."""

    stage: str
    inputs: dict[str, str]
    settings: str
    code: str
    fingerprint: str
    mapping: str = ""
    replayed_from: str = ""

    def manifest(self, night: Night, table: Table, attempt: Attempt, day: date, counted: tuple[int, str]) -> Manifest:
        """Of one partition.

        Parameters
        ----------
        night
            The dates that are built in one go.
        table, attempt, day
            The partition, and where its rows are.
        counted
            Number and digest of the rows.
        """
        rows, digest = counted
        return Manifest(
            table=table.name,
            run_date=day,
            attempt=attempt.number,
            files=attempt.files(day),
            rows=rows,
            digest=digest,
            stage=self.stage,
            fingerprint=self.fingerprint,
            inputs=self.inputs,
            settings=self.settings,
            code=self.code,
            schema_version=table.schema_version,
            state_version=table.state_version,
            shape=settings_fingerprint(night.settings, table.shaped_by),
            mapping=self.mapping,
            span=f"{night.first}..{night.last}",
            replayed_from=self.replayed_from,
        )
