"""`nightjar replay`: after a corrected mapping, clean dates again and roll everything forward from there.

Dates before the first one keep what they were made of: their manifests carry the hash of the old mapping, and
those of the replay name its first date. Models and lists are made for the last open date only.
"""

import argparse
import logging
from datetime import date, timedelta

from jobs.commands.arguments import add_app, iso_date, night_of, settings_of
from jobs.commands.rebuild import lake_of, rebuild
from jobs.core.errors import MissingPartitionError
from jobs.core.logs import log_context
from jobs.core.night import Night

log = logging.getLogger("nightjar")

# Of the tables that every date has, the one that becomes current last.
LAST_BUILT = "context_item_rest"

EXAMPLES = """examples:
  nightjar replay --app shop --from 2025-02-20                      through the last date that was built
  nightjar replay --app shop --from 2025-02-20 --to 2025-03-01      later dates keep what they had

Killed in the middle, the same command goes on. Where nothing changed, nothing is done.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the range."""
    add_app(parser)
    parser.add_argument("--from", dest="first", required=True, type=iso_date, help="first run date to clean again")
    parser.add_argument("--to", dest="last", type=iso_date, help="last run date [the last one that was built]")


def run(args: argparse.Namespace) -> int:
    """Build the range again."""
    settings = settings_of(args)
    first = night_of(settings, args.first)
    night = night_of(settings, args.first, args.last or _last_built(first))
    with log_context(run_date=str(night.run_date)):
        _tell_what_stays(night)
        rebuild(night, replayed_from=night.first)
        _tell_what_is_behind(night)
    return 0


def _last_built(night: Night) -> date:
    built = lake_of(night).run_dates(LAST_BUILT)
    if not built:
        app, first = night.settings.app, night.settings.schedule.first_day
        raise MissingPartitionError(
            f"app {app!r} has no date that was built; build its past: "
            f"nightjar backfill --app {app} --from {first} --to YYYY-MM-DD"
        )
    return built[-1]


def _tell_what_stays(night: Night) -> None:
    earlier = [day for day in lake_of(night).run_dates("events") if day < night.first]
    stays = f"{len(earlier)} dates before keep the mapping that they had" if earlier else "no date lies before"
    log.info("replay of %s from %s through %s; %s", night.settings.app, night.first, night.last, stays)


def _tell_what_is_behind(night: Night) -> None:
    """Dates after a replay that ends early were rolled forward from what it replaced."""
    later = [day for day in lake_of(night).run_dates("events") if day > night.last]
    if later:
        log.warning(
            "%d dates from %s to %s keep the mapping and the states that they had; go on with: "
            "nightjar replay --app %s --from %s --to %s",
            len(later), later[0], later[-1], night.settings.app, night.last + timedelta(1), later[-1],
        )  # fmt: skip
