"""`nightjar <stage>`: run one stage of one night."""

import argparse

from jobs.commands.arguments import add_app, add_date, night_of, settings_of
from jobs.stages.catalog import stage_named
from jobs.stages.runner import Asked, run_stage

EXAMPLES = """examples:
  nightjar clean_events --app sample --date 2025-03-01
  nightjar ingest_events --app online_retail --date 2011-11-09 --input /data/orders

An equal run before this one is not repeated: the stage says `unchanged`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the run date."""
    add_app(parser)
    add_date(parser)
    parser.add_argument("--again", action="store_true", help="run although nothing changed, to replace damaged files")


def run(args: argparse.Namespace) -> int:
    """Run the stage named by the command."""
    run_stage(stage_named(args.command), night_of(settings_of(args), args.date), Asked(args.again))
    return 0
