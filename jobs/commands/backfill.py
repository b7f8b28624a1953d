"""`nightjar backfill`: build the past of an app in one go.

Tables are built for all dates at once, a table at a time; models, lists and predictions are made for
the last date only, with no champion before it. The digests are those of the nights one by one, for
every table up to the training sets.
"""

import argparse
import logging
from datetime import date

from jobs.adapters.lake import Lake
from jobs.commands.arguments import add_app, iso_date, settings_of
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.catalog import STAGES, Stage
from jobs.stages.champions import write_no_champions
from jobs.stages.order import in_order
from jobs.stages.runner import run_stage

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28
  nightjar backfill --app online_retail --input /data/orders --from 2010-12-01 --to 2011-11-08
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28 --tables-only

Killed in the middle, the same command goes on after the last stage that had ended.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the range."""
    add_app(parser)
    parser.add_argument("--from", dest="first", required=True, type=iso_date, help="first run date")
    parser.add_argument("--to", dest="last", required=True, type=iso_date, help="last run date, included")
    parser.add_argument("--tables-only", action="store_true", help="make no models and lists for the last date")


def run(args: argparse.Namespace) -> int:
    """Build the range."""
    night = Night(settings_of(args), args.first, args.last)
    ranged = [stage for stage in in_order(STAGES.values()) if stage.ranged]
    single = [] if args.tables_only else _after(ranged)
    for position, stage in enumerate(ranged, start=1):
        log.info("step %d of %d", position, len(ranged) + len(single))
        run_stage(stage, night)
    write_no_champions(Lake(Home(home_folder(), night.settings.app).lake), _without_champion(night, args.tables_only))
    last = Night(night.settings, night.last, night.last)
    for position, stage in enumerate(single, start=len(ranged) + 1):
        log.info("step %d of %d", position, len(ranged) + len(single))
        run_stage(stage, last)
    return 0


def _after(ranged: list[Stage]) -> list[Stage]:
    """The stages that only the last date gets; `withdraw` belongs to failed nights."""
    return [stage for stage in in_order(STAGES.values()) if stage not in ranged and stage.name != "withdraw"]


def _without_champion(night: Night, tables_only: bool) -> list[date]:
    return night.dates if tables_only else night.dates[:-1]
