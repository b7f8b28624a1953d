"""`nightjar expire`: remove rows whose time is over, for plain readers of SQLite; Redis does it by itself."""

import argparse
import logging
from datetime import UTC, datetime

from jobs.adapters.online import open_store
from jobs.adapters.online.publishing import publish_lock
from jobs.commands.arguments import add_app, settings_of
from jobs.core.config import home_folder
from jobs.core.home import Home

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar expire --app sample
  nightjar expire --app sample --at 2025-03-09T00:00:00+00:00

Run it by the clock of the machine (cron) where nights may fail for longer than online.ttl_days.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app and the moment."""
    add_app(parser)
    parser.add_argument("--at", type=_moment, help="moment to judge by, ISO 8601 with an offset [now]")


def run(args: argparse.Namespace) -> int:
    """Remove what has expired."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    with publish_lock(home):
        rows = open_store(settings, home).expire(args.at or datetime.now(UTC))
    log.info("expire: %d rows removed", rows)
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset; write it as 2025-03-09T00:00:00+00:00")
    return moment
