"""Where a sample stands on disk."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.core.errors import UsageError


@dataclass(frozen=True)
class Folders:
    """The folders of a sample.

    Attributes
    ----------
    log
        Daily files, ``YYYY-MM-DD.jsonl``: what the pipeline reads. Beside it, its name followed by ``-items`` and
        ``-users``, stand the folders of the profiles, with files of the same names.
    truth
        Parquet tables and the marker ``_sample.json``: what the pipeline never reads.

    Raises
    ------
    UsageError
        If the truth folder is one of the others, inside it or around it.
    """

    log: Path
    truth: Path

    def __post_init__(self) -> None:
        truth = self.truth.resolve()
        for log in (self.log, self.items, self.users):
            if _overlap(log.resolve(), truth):
                raise UsageError(
                    f"sample: the truth folder {self.truth} and the log folder {log} overlap, so that the pipeline "
                    "could read the truth; give --truth a folder beside --out"
                )

    @property
    def items(self) -> Path:
        """Folder of the catalogue."""
        return self.log.with_name(f"{self.log.name}-items")

    @property
    def users(self) -> Path:
        """Folder of the users' profiles."""
        return self.log.with_name(f"{self.log.name}-users")

    def log_of(self, day: date) -> Path:
        """File of one day."""
        return self.log / f"{day.isoformat()}.jsonl"

    def items_of(self, day: date) -> Path:
        """File of the catalogue of one day; absent where nothing was launched or gone."""
        return self.items / f"{day.isoformat()}.jsonl"

    def users_of(self, day: date) -> Path:
        """File of the users' profiles of one day; absent where nobody joined."""
        return self.users / f"{day.isoformat()}.jsonl"

    def truth_of(self, table: str) -> Path:
        """File of one table of the truth."""
        return self.truth / f"{table}.parquet"


def _overlap(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents
