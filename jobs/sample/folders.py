"""Where a sample stands on disk."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.core.errors import UsageError


@dataclass(frozen=True)
class Folders:
    """The two folders of a sample.

    Attributes
    ----------
    log
        Daily files, ``YYYY-MM-DD.jsonl``: what the pipeline reads.
    truth
        Parquet tables and the marker ``_sample.json``: what the pipeline never reads.

    Raises
    ------
    UsageError
        If one folder is the other or inside it.
    """

    log: Path
    truth: Path

    def __post_init__(self) -> None:
        log, truth = self.log.resolve(), self.truth.resolve()
        if log == truth or log in truth.parents or truth in log.parents:
            raise UsageError(
                f"sample: the truth folder {self.truth} and the log folder {self.log} overlap, so that the pipeline "
                "could read the truth; give --truth a folder beside --out"
            )

    def log_of(self, day: date) -> Path:
        """File of one day."""
        return self.log / f"{day.isoformat()}.jsonl"

    def truth_of(self, table: str) -> Path:
        """File of one table of the truth."""
        return self.truth / f"{table}.parquet"
