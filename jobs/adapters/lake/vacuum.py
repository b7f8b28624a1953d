"""Files of the lake that no manifest names: attempts that were refused or replaced, and retired partitions.

A night that runs writes into attempts younger than any limit that an operator would set, and reads what its plan
found current: both stay, also what is replaced or retired while it reads, since a replaced attempt is as old as its
replacement, and a retired one as its retirement. Two sweeps may meet, as those of two apps do in what their home
shares: what is gone already is fine.

The folder of the highest attempt is emptied and stays: the next attempt is counted from it, and a number that came
back could name in one sweep what another sweep, which looked before, is about to remove.
"""

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.adapters.lake.store import Lake


@dataclass(frozen=True)
class Leftover:
    """Something to remove: a file or a folder, and its bytes."""

    path: Path
    size: int

    def remove(self) -> None:
        """Remove it; what is gone already is fine."""
        if self.path.is_dir():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)


def leftovers(lake: Lake, table: str, before: float) -> list[Leftover]:
    """What can be removed of a table.

    Parameters
    ----------
    before
        Seconds of the epoch: what was written to, replaced or retired since then stays.
    """
    current: dict[int, set[date]] = defaultdict(set)
    for day in lake.run_dates(table):
        manifest = lake.manifest(table, day)
        if manifest:
            current[manifest.attempt].add(day)
    folder = lake.root / table
    attempts = sorted((path for path in (folder / "data").glob("*") if path.name.isdigit()), key=_number)
    unnamed = [path for attempt in attempts for path in _unnamed(attempt, current.get(_number(attempt), set()))]
    unread = [path for path in unnamed if max(_replaced_at(path, folder / "manifests"), _last_written(path)) < before]
    swept = [part for path in unread for part in (sorted(path.iterdir()) if path == attempts[-1] else [path])]
    # A process that was killed between writing a manifest and placing it leaves the file.
    unplaced = old_children(folder / "manifests", before, ".*.tmp")
    # Nobody asks for the time of what is gone; files that outlive it, in a sweep that is killed, count as old.
    retired = old_children(folder / "manifests", before, ".*.retired")
    return [*(Leftover(path, size_of(path)) for path in swept), *unplaced, *retired]


def old_children(folder: Path, before: float, pattern: str = "*") -> list[Leftover]:
    """Files and folders of a folder that were last written to before a moment."""
    return [Leftover(path, size_of(path)) for path in sorted(folder.glob(pattern)) if _last_written(path) < before]


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 of what is being removed meanwhile."""
    try:
        return sum(file.lstat().st_size for file in _files(path))
    except FileNotFoundError:
        return 0


def _number(attempt: Path) -> int:
    return int(attempt.name)


def _unnamed(attempt: Path, days: Collection[date]) -> Iterator[Path]:
    """The attempt, or of one that is current for some dates the folders of the others."""
    if not days:
        yield attempt
        return
    kept = {f"run_date={day}" for day in days}
    yield from (path for path in sorted(attempt.glob("run_date=*")) if path.name not in kept)


def _replaced_at(path: Path, manifests: Path) -> float:
    """When last one of the dates that an attempt, or a date's folder of one, holds was placed or retired, or 0."""
    days = [day.name.removeprefix("run_date=") for day in (path, *path.glob("run_date=*"))]
    told = [manifests / name for day in days for name in (f"{day}.json", f".{day}.retired")]
    return max((manifest.stat().st_mtime for manifest in told if manifest.is_file()), default=0.0)


def _last_written(path: Path) -> float:
    try:
        return max((file.lstat().st_mtime for file in (path, *path.rglob("*"))), default=0.0)
    except FileNotFoundError:  # removed or renamed while we looked: somebody works there
        return float("inf")


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    elif path.exists():
        yield path
