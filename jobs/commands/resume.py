"""`nightjar resume`: end the hold of a rollback, and serve the newest night that was checked."""

import argparse
import logging
from functools import partial

from jobs.adapters.lake import Lake
from jobs.adapters.online import open_store
from jobs.adapters.online.publishing import resume
from jobs.adapters.online.writers import writer_of
from jobs.commands.arguments import add_app, settings_of
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.stages.past_generation import newest_generation

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar resume --app sample

Without a hold nothing is done.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app."""
    add_app(parser)


def run(args: argparse.Namespace) -> int:
    """Publish it under the next number, without a hold."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    newest = partial(newest_generation, Lake(home.lake), settings)
    after = resume(open_store(settings, home), home, newest, writer_of(settings, home))
    if after is None:
        log.info("resume: nothing is held")
        return 0
    log.info("resume: %s is served under number %d, nothing is held", after.generation, after.publish_number)
    return 0
