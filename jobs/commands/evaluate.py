"""`nightjar evaluate`: every source alone and the ranker, at a cut of the past, in one table.

Sources and ranker are trained with what was known at the end of the cut, and judged on what users did in the days
after it. Nothing in the lake, among the models or online changes.
"""

import argparse
import re
from pathlib import Path

from rich.console import Console

from jobs.adapters.console import progress
from jobs.adapters.lake import Lake
from jobs.commands.arguments import iso_date, settings_of
from jobs.core.config import home_folder
from jobs.core.errors import StorageError
from jobs.core.home import Home

EXAMPLES = """examples:
  nightjar evaluate --app sample --cut 2025-02-14 --horizon 14d
  nightjar evaluate --app online_retail --cut 2011-11-08 --horizon 30d --out evaluation.json
  NIGHTJAR__RECOMMENDER__RANKER__OBJECTIVE=binary nightjar evaluate --app sample --cut 2025-02-14 --horizon 14d

Every day of the history, and of the horizon after the cut with the days by which events may be late, must be in the
lake. Intervals are of users drawn again and again; ratios are on the same users. With --out, all numbers, those of
every group of users too, are written as JSON.
"""

MIN_WIDTH = 110  # columns that a table needs; less, as of a file or a pipe, would fold numbers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and where to cut."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument(
        "--cut", required=True, type=iso_date, metavar="DATE", help="last day of the history, YYYY-MM-DD"
    )
    parser.add_argument(
        "--horizon", type=days, metavar="DAYS", help="days after the cut, as in 30d [recommender.horizon_days]"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all numbers here, as JSON")


def run(args: argparse.Namespace) -> int:
    """Train, judge, print."""
    settings = settings_of(args)
    horizon = args.horizon or settings.recommender.horizon_days
    # Both take seconds to import: an error of the command line is told before.
    from jobs.evaluation.evaluation_table import render
    from jobs.stages.evaluate_recommender import evaluate_at

    lake = Lake(Home(home_folder(), settings.app).lake)
    with progress(f"evaluate {settings.app} at {args.cut}, {horizon} days"):
        evaluation = evaluate_at(settings, lake, args.cut, horizon).evaluation
    console = Console(markup=False, highlight=False, emoji=False)
    console.width = max(console.width, MIN_WIDTH)
    console.print(render(evaluation))
    if args.out:
        _write(args.out, evaluation.to_json())
    return 0


def days(text: str) -> int:
    """Parse a number of days for argparse, with or without a ``d``."""
    found = re.fullmatch(r"([1-9]\d{0,3})d?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days; write it as 30d")
    return int(found.group(1))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}; name another file with --out") from None
