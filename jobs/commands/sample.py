"""`nightjar sample`: write a plausible log with known dirt, and its truth beside it.

A second call with the same flags says `unchanged`; a call with more days keeps the earlier days' bytes.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from jobs.commands.arguments import iso_date
from jobs.core.config import home_folder
from jobs.sample.folders import Folders
from jobs.sample.marker import is_unchanged
from jobs.sample.parameters import Parameters

if TYPE_CHECKING:
    from jobs.sample.generate import WrittenDay


EXAMPLES = """examples:
  nightjar sample
  nightjar sample --days 90 --out logs/sample
  nightjar sample --users 400 --items 200 --days 30 --dirt 0
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folders, and what the log is made from."""
    default = Parameters()
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder of the log [$NIGHTJAR_HOME/input/sample]")
    parser.add_argument("--truth", metavar="DIR", type=Path, help="folder of the truth [the log's, ending in -truth]")
    parser.add_argument("--users", type=int, default=default.users, help="whole population [%(default)s]")
    parser.add_argument("--items", type=int, default=default.items, help="whole catalogue [%(default)s]")
    parser.add_argument("--days", type=int, default=default.days, help="number of daily files [%(default)s]")
    parser.add_argument("--first-day", type=iso_date, default=default.first_day, help="first UTC day [%(default)s]")
    parser.add_argument("--seed", type=int, default=default.seed, help="the same seed, the same bytes [%(default)s]")
    parser.add_argument("--dirt", type=float, default=default.dirt, help="dirt per clean row [%(default)s]")


def run(args: argparse.Namespace) -> int:
    """Write the sample unless it is there already; print what was done in one line."""
    parameters = Parameters(args.users, args.items, args.days, args.first_day, args.seed, args.dirt)
    folders = _folders_of(args)
    if is_unchanged(folders, parameters):
        sys.stdout.write(f"sample: unchanged, {parameters.days} days in {folders.log}\n")
        return 0
    written = _generate(parameters, folders)
    lines, dirt = sum(day.lines for day in written), sum(sum(day.dirt.values()) for day in written)
    sys.stdout.write(
        f"sample: {lines:,} lines, {dirt:,} of them dirt, {len(written)} days in {folders.log}; "
        f"truth in {folders.truth}\n"
    )
    return 0


def _folders_of(args: argparse.Namespace) -> Folders:
    log = args.out or home_folder() / "input" / "sample"
    return Folders(log=log, truth=args.truth or log.with_name(f"{log.name}-truth"))


def _generate(parameters: Parameters, folders: Folders) -> list["WrittenDay"]:
    # NumPy and Arrow take half a second that an unchanged sample does not need.
    from jobs.sample.generate import generate

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("writing the sample", total=parameters.days)
        return generate(parameters, folders, on_day=lambda _day: progress.advance(task))
