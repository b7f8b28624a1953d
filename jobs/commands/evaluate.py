"""`nightjar evaluate`: every source alone and the ranker, at a cut of the past, in one table.

Sources and ranker are trained with what was known before the day of the cut, and judged on what users did from that
day on. Nothing in the lake, among the registered models or online changes; MLflow gets a run of it, in the
experiment ``<app>/evaluation``.
"""

import argparse
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from jobs.adapters.console import progress
from jobs.adapters.lake import Lake
from jobs.commands.arguments import iso_date, settings_of
from jobs.core.config import Settings, home_folder
from jobs.core.errors import StorageError
from jobs.core.home import Home

if TYPE_CHECKING:
    from jobs.stages.evaluate_recommender import Evaluated

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar evaluate --app sample --cut 2025-02-14 --horizon 14d
  nightjar evaluate --app online_retail --cut 2011-11-09 --horizon 30d --out evaluation.json
  NIGHTJAR__RECOMMENDER__RANKER__OBJECTIVE=binary nightjar evaluate --app sample --cut 2025-02-14 --horizon 14d

Every day of the history, and of the horizon from the cut on with the days by which events may be late, must be in the
lake. Intervals are of users drawn again and again; ratios are on the same users. With --out, all numbers, those of
every group of users too, are written as JSON.
"""

MIN_WIDTH = 110  # columns that a table needs; less, as of a file or a pipe, would fold numbers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and where to cut."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument(
        "--cut", required=True, type=iso_date, metavar="DATE", help="the history lies before this day, YYYY-MM-DD"
    )
    parser.add_argument(
        "--horizon", type=days, metavar="DAYS", help="days from the cut on, as in 30d [recommender.horizon_days]"
    )
    parser.add_argument("--no-log", action="store_true", help="print only: no run in MLflow")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all numbers here, as JSON")


def run(args: argparse.Namespace) -> int:
    """Train, judge, print."""
    settings = settings_of(args)
    horizon = args.horizon or settings.recommender.horizon_days
    # They take seconds to import: an error of the command line is told before.
    from jobs.commands.limits_page import limits_table
    from jobs.evaluation.evaluation_table import render
    from jobs.stages.evaluate_recommender import evaluate_at

    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    with progress(f"evaluate {settings.app} at {args.cut}, {horizon} days"):
        found = evaluate_at(settings, lake, args.cut - timedelta(1), horizon)
    console = Console(markup=False, highlight=False, emoji=False)
    console.width = max(console.width, MIN_WIDTH)
    console.print(render(found.evaluation))
    for surface, costs in found.limits.items():
        console.print(limits_table(costs, surface, f"nDCG at {settings.recommender.k}"))
    if args.out:
        _write(args.out, found.to_json())
    if not args.no_log:
        _log(settings, home, found)
    return 0


def _log(settings: Settings, home: Home, found: "Evaluated") -> None:
    from jobs.adapters.tracking.open import code_commit, open_tracking
    from jobs.stages.evaluation_run import build_evaluation_run

    record = build_evaluation_run(found, code_commit())
    open_tracking(settings, home).log_evaluation(record)
    log.info("evaluate: logged as %s in the experiment %s/evaluation", record.content_name, settings.app)


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
