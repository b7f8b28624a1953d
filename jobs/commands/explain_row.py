"""`nightjar explain-row`: where one raw row of a date ended, and why."""

import argparse
from pathlib import Path

from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.adapters.spark.session import spark_session
from jobs.commands.arguments import add_date, settings_of
from jobs.commands.explain_page import print_fate
from jobs.commands.raw_texts import line_of, raw_texts
from jobs.commands.row_fate import Day, explain
from jobs.core.config import home_folder
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.clear_errors import clear_errors

EXAMPLES = """examples:
  nightjar explain-row --app sample --date 2025-03-01 --row '{"id":"e17","type":"view", ...}'
  nightjar explain-row --app online_retail --date 2011-11-09 --file /data/orders/2011-11-09.csv --line 17
  nightjar explain-row --app sample --date 2025-03-01 --event-id e17 --show-values

A row is given as the log has it, or as `nightjar quarantine --show-values` shows it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, the date, and which row."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    add_date(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--row", metavar="TEXT", help="the row's text")
    which.add_argument("--file", type=Path, metavar="F", help="a text file of the log, with --line")
    which.add_argument("--event-id", metavar="ID", help="id of the event, as `events` has it or would have it")
    parser.add_argument("--line", type=int, metavar="N", help="line of the file, from 1")
    parser.add_argument("--show-values", action="store_true", help="show ids of people as they are, not as hashes")


def run(args: argparse.Namespace) -> int:
    """Find the row and tell."""
    if (args.file is None) != (args.line is None):
        raise UsageError("--file and --line belong together: a file of the log, and the line in it")
    settings = settings_of(args)
    night = Night(settings, args.date, args.date)
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    # Asked before Spark starts, which takes seconds.
    lake.require("raw_files", args.date, "ingest_events")
    row = line_of(args.file, args.line) if args.file else args.row
    console = Console(markup=False, highlight=False, emoji=False)
    with clear_errors("explain-row", settings.app):
        day = Day(spark_session(settings.spark, home.root, "explain-row"), lake, night)
        rows = day.rows_of_event(args.event_id) if args.event_id else day.rows_of(raw_texts(row, day.headers))
        if not rows:
            raise UsageError(
                f"no such row among the {day.raw.count():,} raw rows of {args.date}; give it as the log has it, "
                "every character, and the run date on which it arrived"
            )
        for found in rows:
            print_fate(console, explain(day, found), None if args.show_values else settings.tracking.hash_key)
    return 0
