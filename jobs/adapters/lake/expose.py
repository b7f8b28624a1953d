"""Files of a table's current attempts in one flat folder, for tools that know nothing of manifests."""

import shutil
from datetime import date
from pathlib import Path

from jobs.adapters.lake.files import locked, temporary_beside
from jobs.adapters.lake.manifest import Manifest
from jobs.adapters.lake.store import Lake

_DAY_LENGTH = len("YYYY-MM-DD")


def expose_partition(lake: Lake, manifest: Manifest, folder: Path) -> None:
    """Make a current partition's files, and no older ones of its date, stand in `folder`.

    Files are named ``<run date>-<n>.parquet`` and appear whole; hard links where the disk allows it, so
    that nothing is copied. A crash in between leaves files of both attempts, until the next call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    day = manifest.run_date
    wanted = {f"{day}-{number}.parquet": path for number, path in enumerate(lake.paths(manifest))}
    for name, source in wanted.items():
        _place(source, folder / name)
    for path in folder.glob(f"{day}-*.parquet"):
        if path.name not in wanted:
            path.unlink(missing_ok=True)


def expose_current(lake: Lake, table: str, run_date: date, folder: Path) -> None:
    """Show what is current of a date, whichever attempt that is by now; nothing where none is.

    Under the table's lock, so that of two runs side by side the one that shows last cannot show an attempt that
    the other has replaced. Where all stands already this is a few looks at the disk, so a run that finds its
    outputs unchanged does it too: the one that made them may have been killed between placing and showing.
    """
    with locked(lake.root / table / ".lock"):
        manifest = lake.manifest(table, run_date)
        if manifest:
            expose_partition(lake, manifest, folder)


def hide_partition(folder: Path, run_date: date) -> None:
    """Let no file of a date stand in `folder`: its partition is current no more."""
    for path in folder.glob(f"{run_date}-*.parquet"):
        path.unlink(missing_ok=True)


def hide_retired(lake: Lake, table: str, run_date: date, folder: Path) -> None:
    """Hide a date that was found not to be current, unless it is again; under the table's lock, as it is shown."""
    with locked(lake.root / table / ".lock"):
        if lake.manifest(table, run_date) is None:
            hide_partition(folder, run_date)


def exposed_dates(folder: Path) -> list[date]:
    """Dates that have a file in `folder`, ascending."""
    return sorted({date.fromisoformat(path.name[:_DAY_LENGTH]) for path in folder.glob("????-??-??-*.parquet")})


def _place(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        return
    temporary = temporary_beside(target)
    try:
        temporary.hardlink_to(source)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, temporary)
    temporary.replace(target)
