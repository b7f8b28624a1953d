"""`nightjar vacuum`: remove what `retention` does not keep.

Safe beside a night and beside the sweep of another app: nothing is removed that is current and kept, or that was
written, replaced or retired within `retention.attempt_hours`. So a partition that is too old goes in two steps: one
sweep makes it current no more, and a later one, when nobody reads it any more, removes its files. A second sweep of
the same app waits for the first, and then looks for itself: whoever it ends for may count on a home that is swept.
"""

import argparse
import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.expose import exposed_dates, hide_retired
from jobs.adapters.lake.files import locked
from jobs.adapters.lake.vacuum import Leftover, leftovers, old_children, size_of
from jobs.adapters.running import living_here
from jobs.adapters.temporary import temporary_folder
from jobs.adapters.tracking.uri import tracking_uri
from jobs.commands.arguments import settings_of
from jobs.core.config import Settings, home_folder
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.datasets.tables import TABLES
from jobs.stages.champions import ROLES
from jobs.stages.needed import newest_date, partitions_to_retire

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar vacuum --app sample --dry-run     what would go, and how many bytes
  nightjar vacuum --app sample

What is kept, and for how long, is the section `retention` of the configuration. Days are counted from the newest
night of the lake, not from today; a date of which only the log was read is no night. A partition that is too old is
current no more from this sweep on; its files go with a sweep `retention.attempt_hours` later, when nobody reads them.
"""

# Ours, then Spark's own and those of the reader of gzipped Parquet: each removes them when its process ends well.
# Checkpoints of ALS are a folder for each run, which Spark never removes.
_SCRATCH = ("scratch-*", "blockmgr-*", "spark-*", "unpacked-*", "checkpoints/*")

_UNPLACED = ".*.tmp"
"""As `jobs.adapters.lake.files` names a file until it is placed."""

_DAY_IN_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and whether it is serious."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")


def run(args: argparse.Namespace) -> int:
    """Remove, and print a line for each kind of thing."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    newest = newest_date(lake)
    if newest is None:
        sys.stdout.write(f"app {settings.app} has no tables; nothing to remove\n")
        return 0
    # Looking hurts nobody, and makes no file.
    alone = nullcontext() if args.dry_run else locked(home.app_folder / ".vacuum.lock", on_wait=_tell_of_wait)
    with alone:
        _sweep(lake, home, settings, newest, args.dry_run)
    return 0


def _tell_of_wait() -> None:
    log.info("another sweep of the app is at work; waiting until it has ended")


class _Line(NamedTuple):
    """What was found, its bytes, and whether they are left to a later sweep."""

    what: str
    size: int
    is_left: bool = False


def _sweep(lake: Lake, home: Home, settings: Settings, newest: date, dry_run: bool) -> None:
    """Remove, and print a line for each kind of thing, then the bytes of all."""
    before = time.time() - 3600 * settings.retention.attempt_hours
    parts = (
        _tables(lake, home, settings, newest, before, dry_run),
        _files(home, settings, newest, before, dry_run),
        _models(lake, home, settings, newest, before, dry_run),
    )
    removed = left = 0
    for line in chain.from_iterable(parts):
        sys.stdout.write(f"{line.what}: {line.size:,} bytes\n")
        removed, left = (removed, left + line.size) if line.is_left else (removed + line.size, left)
    later = f"; {left:,} bytes go with a sweep in {settings.retention.attempt_hours} hours" if left else ""
    sys.stdout.write(f"{'would remove' if dry_run else 'removed'} {removed:,} bytes{later}\n")


def _tables(
    lake: Lake, home: Home, settings: Settings, newest: date, before: float, dry_run: bool
) -> Iterator[_Line]:
    """Partitions that are too old, then files that no manifest names."""
    old = partitions_to_retire(lake, settings, newest)
    for table in sorted(TABLES):
        seen = [made for day in old.get(table, []) if (made := _made_before(lake, table, day, before))]
        # Looked at before the manifests: what becomes current meanwhile is not taken for what is not.
        exposed = exposed_dates(home.offline / table)
        retired = [made for made in seen if dry_run or lake.retire(table, made.run_date, made.attempt)]
        days = [made.run_date for made in retired]
        hidden = sorted({*exposed} - ({*lake.run_dates(table)} - {*days}))
        for day in () if dry_run else hidden:
            hide_retired(lake, table, day, home.offline / table)
        found = [*leftovers(lake, table, before)]
        unfinished = _remove_unfinished(lake, table, home.offline / table, before, dry_run)
        if days:
            told = f"{table}: {len(days)} partitions {days[0]} to {days[-1]}, current no more"
            size = sum(size_of(lake.attempt_folder(made) / f"run_date={made.run_date}") for made in retired)
            yield _Line(told, size, is_left=True)
        if hidden:
            yield _Line(f"{table}: {len(hidden)} dates that Feast saw and that are current no more", 0)
        if found:
            yield _line(f"{table}: {len(found)} attempts, parts of them or manifests", found)
        if unfinished:
            yield _line(f"{table}: {len(unfinished)} files that Feast was about to see", unfinished)
        _remove(found, dry_run)


def _remove_unfinished(lake: Lake, table: str, folder: Path, before: float, dry_run: bool) -> list[Leftover]:
    """Files of a view that a killed stage was about to show.

    Under the table's lock, as they are shown: a link to a file of the lake is as old as that file, so that its age
    does not tell what is being shown from what a dead stage left.
    """
    if not folder.is_dir():
        return []
    with locked(lake.root / table / ".lock"):
        found = old_children(folder, before, _UNPLACED)
        _remove(found, dry_run)
    return found


def _line(what: str, found: list[Leftover]) -> _Line:
    return _Line(what, sum(one.size for one in found))


def _made_before(lake: Lake, table: str, day: date, before: float) -> Manifest | None:
    """What is current of a date, unless it is young: what a back-fill made just now is for somebody."""
    # Read first: of one that is placed in between, the time says that it is young.
    manifest = lake.manifest(table, day)
    try:
        is_old = (lake.root / table / "manifests" / f"{day}.json").stat().st_mtime < before
    except FileNotFoundError:
        return None
    return manifest if is_old else None


def _files(home: Home, settings: Settings, newest: date, before: float, dry_run: bool) -> Iterator[_Line]:
    """Reports of old nights, and what killed stages left beside the lake."""
    first_kept = newest - timedelta(settings.retention.output_days - 1)
    folders = [path for path in sorted(home.reports.glob("*")) if _day_of(path.name, newest) < first_kept]
    scratch = [found for pattern in _SCRATCH for found in old_children(home.root / "spark", before, pattern)]
    kinds = {
        "reports": [Leftover(path, size_of(path)) for path in folders],
        "scratch files of killed stages": [*scratch, *old_children(temporary_folder(home.root), before)],
        "notes that stages run which were killed": [
            found for found in old_children(home.running, before) if found.path not in living_here(home.running)
        ],
        "files that killed stages were about to place": [
            found for folder, pattern in _about_to_place(home) for found in old_children(folder, before, pattern)
        ],
    }
    for what, found in kinds.items():
        if found:
            yield _line(f"{what}: {len(found)}", found)
        _remove(found, dry_run)


def _about_to_place(home: Home) -> Iterator[tuple[Path, str]]:
    """Folders beside the tables into which files are placed whole, and how those that are not yet are named."""
    yield home.lake, _UNPLACED
    yield from ((folder, _UNPLACED) for folder in sorted(home.reports.glob("*")))
    yield from ((folder, ".fetch-*") for folder in sorted(home.models.glob("*")))
    yield home.online, _UNPLACED
    yield home.online, "registry.next.db"
    yield home.mlflow, ".*.new*"
    yield home.root / "java" / "bin", ".java.*"


def _models(
    lake: Lake, home: Home, settings: Settings, newest: date, before: float, dry_run: bool
) -> Iterator[_Line]:
    """Files of models that never served, in MLflow and in the local copies, and of trainings that never ended."""
    first_kept = newest - timedelta(settings.retention.model_days - 1)
    champions = _ever_champions(lake)

    def is_kept(content_name: str) -> bool:
        return content_name in champions or _day_of(content_name, newest) >= first_kept

    copies = [path for role in ROLES for path in sorted((home.models / f"{settings.app}.{role}").glob("*"))]
    found = [Leftover(path, size_of(path)) for path in copies if path.is_dir() and not is_kept(path.name)]
    if found:
        yield _line(f"local copies of models: {len(found)}", found)
    _remove(found, dry_run)
    if not _has_store(settings, home):
        return
    from jobs.adapters.tracking.store import open_client
    from jobs.adapters.tracking.vacuum import remove_artifacts

    client = open_client(tracking_uri(settings, home), settings.tracking.artifact_root)
    for role in ROLES:
        removed = remove_artifacts(client, f"{settings.app}/{role}", is_kept, before, dry_run)
        if removed:
            yield _Line(f"MLflow {settings.app}/{role}: files of {len(removed)} models", sum(removed.values()))


def _has_store(settings: Settings, home: Home) -> bool:
    """An app that never trained has none, and looking must not make one."""
    return settings.tracking.uri is not None or (home.mlflow / "mlflow.db").exists()


def _ever_champions(lake: Lake) -> set[str]:
    """Content names of all models that served on some date."""
    manifests = [lake.manifest(CHAMPIONS.name, day) for day in lake.run_dates(CHAMPIONS.name)]
    filled = [manifest for manifest in manifests if manifest and manifest.rows]
    return {str(name) for manifest in filled for name in read_pandas(lake, CHAMPIONS, manifest, ["model"])["model"]}


def _day_of(name: str, otherwise: date) -> date:
    """The run date in a name; one without is as young as can be."""
    match = _DAY_IN_NAME.search(name)
    return date.fromisoformat(match[1]) if match else otherwise


def _remove(found: list[Leftover], dry_run: bool) -> None:
    for one in () if dry_run else found:
        one.remove()
