"""`nightjar digest`: a hash of every table's rows of a date, and of what is online.

Equal digests are what "the same" means: they are computed from the rows, not from the manifests.
"""

import argparse
import sys
from datetime import date

from pyarrow import ArrowException

from jobs.adapters.lake import Lake
from jobs.adapters.lake.digest import digest_files
from jobs.commands.arguments import add_date, settings_of
from jobs.core.config import home_folder
from jobs.core.errors import MissingPartitionError
from jobs.core.home import Home
from jobs.datasets.tables import TABLES, table_named

EXAMPLES = """examples:
  nightjar digest --app sample --date 2025-03-01
  nightjar digest --app sample --date 2025-03-01 --table events
  diff <(nightjar digest --app sample --date 2025-03-01) yesterdays.txt
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, the date and, for a part, the tables."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    add_date(parser)
    parser.add_argument("--table", action="append", help="only this table; may be repeated")


def run(args: argparse.Namespace) -> int:
    """Print a line per table: name, rows, digest; and one for the online store."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    names = args.table or sorted(TABLES)
    lines = [line for name in names if (line := _line(lake, name, args.date))]
    if not lines:
        raise MissingPartitionError(
            f"app {settings.app!r} has no table of run_date={args.date} in {home.lake}; run that night first"
        )
    if not args.table:
        from jobs.adapters.online import open_store
        from jobs.adapters.online.digest import online_digest

        lines.append(f"{'online':24} {'':>12} {online_digest(open_store(settings, home))}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _line(lake: Lake, name: str, day: date) -> str | None:
    table = table_named(name)
    manifest = lake.manifest(name, day)
    if manifest is None:
        return None
    try:
        rows, digest = digest_files(table, lake.paths(manifest))
    except (ArrowException, KeyError, OSError) as error:
        raise lake.damaged(manifest, f"a file is gone, damaged or another table's ({error})") from None
    if digest != manifest.digest:
        raise lake.damaged(
            manifest,
            f"the files' digest {digest} is not the manifest's {manifest.digest}; files were changed after they "
            "were written",
        )
    return f"{name:24} {rows:>12,} {digest}"
