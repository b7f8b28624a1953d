"""Attempts and manifests on a local or shared disk.

Layout, below ``<home>/apps/<app>/lake/<table>/``::

    manifests/<run date>.json                     the current attempt of each partition
    manifests/.<run date>.retired                 one that was current until the time of this file
    data/<attempt>/run_date=<run date>/*.parquet  immutable once written
    .lock                                         held while a manifest is compared and set

and beside the tables ``.<stage>.lock``, held while a stage run makes all of its tables current.

An attempt may hold several run dates (a back-fill), each with a manifest of its own. Correctness rests
on the manifest alone: folders are never renamed, and a folder that no manifest names is nobody's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from jobs.adapters.lake.files import locked, temporary_beside, write_synced
from jobs.adapters.lake.manifest import Manifest, attempt_of
from jobs.core.errors import MissingPartitionError, StorageError


@dataclass(frozen=True)
class Attempt:
    """A folder that one stage run writes one table into."""

    table: str
    number: int
    folder: Path

    def partition(self, run_date: date) -> Path:
        """Folder of one run date within the attempt."""
        return self.folder / f"run_date={run_date}"

    def files(self, run_date: date) -> tuple[str, ...]:
        """Parquet files written for one run date, relative to the attempt, sorted."""
        found = self.partition(run_date).glob("*.parquet")
        return tuple(sorted(str(path.relative_to(self.folder)) for path in found))


@dataclass(frozen=True)
class Prepared:
    """A manifest that is written but not current yet."""

    manifest: Manifest
    file: Path

    def drop(self) -> None:
        """Remove the file, where it was not placed."""
        self.file.unlink(missing_ok=True)


class Lake:
    """The tables of one app.

    Parameters
    ----------
    root
        Folder of the app's tables.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, table: str) -> Attempt:
        """Open a new attempt folder with the next free number."""
        data = self.root / table / "data"
        data.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.name) for path in data.iterdir() if path.name.isdigit()), default=0)
        while True:
            folder = data / f"{number:06d}"
            try:
                folder.mkdir()
            except FileExistsError:
                number += 1
            else:
                return Attempt(table, number, folder)

    def commit(self, manifest: Manifest, replaces: int | None = None) -> bool:
        """Make the manifest's attempt current, unless a later attempt already is.

        Parameters
        ----------
        manifest
            Of the attempt.
        replaces
            Number of the attempt whose rows the new ones were made of, 0 for none: only that one is replaced. None
            where the rows rest on no earlier ones of the partition.

        Returns
        -------
        bool
            False where another attempt stands; the caller's is then left aside.
        """
        return self.place(self.prepare(manifest), replaces)

    def prepare(self, manifest: Manifest) -> "Prepared":
        """Write the manifest beside its place: what may run out of room is done before anything is current."""
        path = self._manifest_path(manifest.table, manifest.run_date)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(path)
        try:
            write_synced(temporary, manifest.model_dump_json(indent=1) + "\n")
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return Prepared(manifest, temporary)

    def place(self, prepared: "Prepared", replaces: int | None = None) -> bool:
        """Make a prepared manifest current; see `commit`."""
        manifest = prepared.manifest
        with locked(self.root / manifest.table / ".lock"):
            current = attempt_of(self.manifest(manifest.table, manifest.run_date))
            if current > manifest.attempt or replaces not in (None, current):
                prepared.drop()
                return False
            prepared.file.replace(self._manifest_path(manifest.table, manifest.run_date))
        return True

    @contextmanager
    def commit_lock(self, stage: str) -> Iterator[None]:
        """Held while a stage run makes its tables current: another run of that stage waits."""
        with locked(self.root / f".{stage}.lock"):
            yield

    def retire(self, table: str, run_date: date, attempt: int | None = None) -> bool:
        """Let a partition be current no more.

        Its manifest is kept aside and tells `nightjar vacuum` since when: whoever had planned before still reads the
        files.

        Parameters
        ----------
        attempt
            The one that was seen to be current: where another one is by now, that stays. By default whichever is.

        Returns
        -------
        bool
            Whether there was one to retire.
        """
        path = self._manifest_path(table, run_date)
        with locked(self.root / table / ".lock"):
            current = None if attempt is None else self.manifest(table, run_date)
            if not path.is_file() or (current and current.attempt != attempt):
                return False
            # First the time: killed in between, the partition is current and young, and not long retired.
            path.touch()
            path.replace(path.with_name(f".{run_date}.retired"))
        return True

    def manifest(self, table: str, run_date: date) -> Manifest | None:
        """The current manifest of a partition, or None where there is none.

        Raises
        ------
        StorageError
            If the manifest cannot be understood.
        """
        path = self._manifest_path(table, run_date)
        try:
            return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StorageError(
                f"manifest {path} is damaged ({_problem(error)}); remove it and run "
                "the stage that writes the table for that date"
            ) from None

    def require(self, table: str, run_date: date, made_by: str) -> Manifest:
        """The current manifest of a partition that must be there.

        Raises
        ------
        MissingPartitionError
            If it is not; the message names `made_by`, the stage to run first.
        """
        manifest = self.manifest(table, run_date)
        if manifest is None:
            raise MissingPartitionError(
                f"table {table!r} has no partition run_date={run_date} in {self.root}; "
                f"run {made_by} for that date first"
            )
        return manifest

    def paths(self, manifest: Manifest) -> list[Path]:
        """The partition's files."""
        return [self.attempt_folder(manifest) / name for name in manifest.files]

    def attempt_folder(self, manifest: Manifest) -> Path:
        """Folder of the attempt that the manifest names."""
        return self.root / manifest.table / "data" / f"{manifest.attempt:06d}"

    def newer_attempt(self, table: str, run_date: date) -> Attempt | None:
        """The newest attempt of a date that never became current, if it is newer than the one that is."""
        current = self.manifest(table, run_date)
        found = [
            Attempt(table, int(folder.parent.name), folder.parent)
            for folder in (self.root / table / "data").glob(f"*/run_date={run_date}")
            if folder.parent.name.isdigit()
        ]
        newest = max(found, key=lambda attempt: attempt.number, default=None)
        return newest if newest and newest.number > (current.attempt if current else 0) else None

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether all files of the partition are there."""
        return all(path.is_file() for path in self.paths(manifest))

    def damaged(self, manifest: Manifest, told: object) -> StorageError:
        """The error that says what is wrong with a partition's files, and which command makes them again."""
        return StorageError(
            f"table {manifest.table!r} of run_date={manifest.run_date}: {str(told).splitlines()[0]}; mend it: "
            f"nightjar {manifest.stage} --app {self.root.parent.name} --date {manifest.run_date} --again"
        )

    def run_dates(self, table: str) -> list[date]:
        """Dates with a current partition, ascending."""
        found = (self.root / table / "manifests").glob("*.json")
        return sorted(date.fromisoformat(path.stem) for path in found if not path.name.startswith("."))

    def _manifest_path(self, table: str, run_date: date) -> Path:
        return self.root / table / "manifests" / f"{run_date}.json"


def _problem(error: ValueError) -> str:
    """The first thing that is wrong, on one line."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return ": ".join([*map(str, first["loc"]), first["msg"]])
