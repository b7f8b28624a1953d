"""`nightjar backfill`: build the past of an app in one go.

Tables are built for all dates at once, a table at a time; models, lists and predictions are made for
the last open date only. No champion is made up for the dates before it; where nights have named one, who served
stands. The digests are those of the nights one by one, for every table up to the training sets.
"""

import argparse

from jobs.commands.arguments import add_app, iso_date, night_of, settings_of
from jobs.commands.checks_by_name import reason_text, require_checks
from jobs.commands.rebuild import accept_for, rebuild
from jobs.core.config.nearest import nearest
from jobs.core.errors import UsageError
from jobs.stages.catalog import STAGES
from jobs.stages.runner import Asked, run_stage
from jobs.stages.stage import Stage

EXAMPLES = """examples:
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28
  nightjar backfill --app online_retail --input /data/orders --from 2010-12-01 --to 2011-11-08
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28 --tables-only
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28 --table user_activity
  nightjar backfill --app shop --from 2025-01-01 --to 2025-02-28 --accept events.volume --reason "two strikes"

Killed in the middle, the same command goes on after the last stage that had ended. Critical checks that fail are
told for all dates and tables of a stage at once, and nothing of the stage becomes current.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the range."""
    add_app(parser)
    parser.add_argument("--from", dest="first", required=True, type=iso_date, help="first run date")
    parser.add_argument("--to", dest="last", required=True, type=iso_date, help="last run date, included")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--tables-only", action="store_true", help="make no models and lists for the last open date")
    part.add_argument("--table", metavar="NAME", help="only this table, from what the lake has")
    parser.add_argument(
        "--accept", action="append", default=[], metavar="CHECK", help="go on though it fails; may be repeated"
    )
    parser.add_argument("--reason", type=reason_text, help="why the checks are accepted")


def run(args: argparse.Namespace) -> int:
    """Build the range."""
    night = night_of(settings_of(args), args.first, args.last)
    if args.accept and not args.reason:
        raise UsageError("--accept needs --reason TEXT: it stands in the report of each night")
    stage = _writer(args.table) if args.table else None
    require_checks(args.accept, night.settings)
    accept_for(night, args.accept, args.reason or "")
    if stage:
        run_stage(stage, night, Asked(only=frozenset([args.table])))
    else:
        rebuild(night, args.tables_only)
    return 0


def _writer(table: str) -> Stage:
    """The stage that can build a table for many dates.

    Raises
    ------
    UsageError
        If there is no such table, or only whole nights make it.
    """
    written = {name: stage for stage in STAGES.values() for name in stage.writes}
    if table not in written:
        raise UsageError(f"no table {table!r}{nearest(table, written)}")
    stage = written[table]
    if not stage.ranged:
        raise UsageError(
            f"table {table!r} is made for one date at a time, after a back-fill for its last one; run its stage: "
            f"nightjar {stage.name} --app APP --date YYYY-MM-DD"
        )
    return stage
