"""`nightjar status`: the last nights of the apps, and what they serve now."""

import argparse
from datetime import UTC, datetime

from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.commands.arguments import settings_of
from jobs.commands.status_page import print_app
from jobs.core.config import Settings, home_folder, known_apps
from jobs.core.home import Home
from jobs.stages.recent_nights import recent_nights, served_now

EXAMPLES = """examples:
  nightjar status                             every app that ever ran
  nightjar status --app sample --nights 14    two weeks of one app

An age is counted from now, in the app's time zone: 0 days is the day that ended last. Of one night more is
told by `nightjar show --app APP --date D` and by its report.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and how many nights."""
    parser.add_argument("--app", help="app: the name of a file in conf/apps/ [every app that ever ran]")
    parser.add_argument("--nights", type=_number, default=7, metavar="N", help="newest nights to show [%(default)s]")


def run(args: argparse.Namespace) -> int:
    """Print each app."""
    console = Console(markup=False, highlight=False, emoji=False)
    apps = [args.app] if args.app else [app for app in known_apps() if Home(home_folder(), app).runs.is_dir()]
    if not apps:
        console.print(f"No app has run in {home_folder()}; begin with `nightjar backfill --help`.", style="yellow")
    for app in apps:
        show_status(console, settings_of(argparse.Namespace(app=app)), args.nights, datetime.now(UTC))
    return 0


def show_status(console: Console, settings: Settings, most: int, now: datetime) -> None:
    """Print one app's nights.

    Parameters
    ----------
    console
        Where to; wraps at its own width.
    settings
        Of the app.
    most
        Nights to show.
    now
        The moment from which ages are counted, UTC.
    """
    home = Home(home_folder(), settings.app)
    nights = recent_nights(Lake(home.lake), home, settings, most)
    served, problem = served_now(settings, home)
    print_app(console, settings, nights, served, problem, now)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of nights; give one from 1 on")
    return int(text)
