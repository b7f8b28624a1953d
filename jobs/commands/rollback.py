"""`nightjar rollback`: put a generation of before in the place of what is served.

Its rows come from the lake, less who opted out or was deleted and what was delisted since. Publishes of dates up
to the latest one ever served are held, until a later date is published or `nightjar resume` is run.
"""

import argparse
import logging
from datetime import date, datetime, timedelta

from jobs.adapters.lake import Lake
from jobs.adapters.online import open_store
from jobs.adapters.online.publishing import go_back
from jobs.adapters.online.registry import apply_registry
from jobs.adapters.online.writers import writer_of
from jobs.commands.arguments import add_app, settings_of
from jobs.core.config import home_folder
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.past_generation import named_generation

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar rollback --app sample --to 2025-02-28-3f9c01aa

Killed in the middle, the same command again ends in the same state.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the generation."""
    add_app(parser)
    parser.add_argument("--to", required=True, metavar="GENERATION", help="such as 2025-02-28-3f9c01aa")


def run(args: argparse.Namespace) -> int:
    """Publish it under the next number."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    store = open_store(settings, home)
    served = store.served()
    if served is None:
        raise UsageError(f"app {settings.app!r} serves nothing, so there is nothing to go back from; publish a night")
    offer = named_generation(Lake(home.lake), settings, args.to)
    if served.generation == args.to and served.hold and not served.is_emptied and not store.unfinished():
        log.info("rollback: %s is served already, publishes up to %s are held", args.to, served.hold)
        return 0
    apply_registry(settings, home)

    def expiry_of(day: date) -> datetime:
        return Night(settings, day, day).end_of(day + timedelta(settings.online.ttl_days))

    after = go_back(store, home, offer, expiry_of, writer_of(settings, home))
    log.info(
        "rollback: %s is served under number %d; publishes up to %s are held",
        after.generation, after.publish_number, after.hold,
    )  # fmt: skip
    return 0
