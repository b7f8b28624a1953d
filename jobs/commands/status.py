"""`nightjar status`: the last nights of the apps, and what they serve now."""

import argparse
import os
from datetime import UTC, datetime

from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.commands.arguments import settings_of
from jobs.commands.status_page import print_app
from jobs.core.config import Settings, home_folder, known_apps
from jobs.core.errors import NightjarError
from jobs.core.home import Home
from jobs.core.secrets import known_secrets, masked
from jobs.stages.recent_nights import recent_nights, served_now

EXAMPLES = """examples:
  nightjar status                             every app that ever ran
  nightjar status --app sample --nights 14    two weeks of one app

An age is counted from now, in the app's time zone: 0 days is the day that ended last. Of one night more is
told by `nightjar show --app APP --date D` and by its report.
exit codes: 0 every app was shown; else that of the first app whose file or tables are broken.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and how many nights."""
    parser.add_argument("--app", help="app: the name of a file in conf/apps/ [every app that ever ran]")
    parser.add_argument("--nights", type=_number, default=7, metavar="N", help="newest nights to show [%(default)s]")


def run(args: argparse.Namespace) -> int:
    """Print each app."""
    console = Console(markup=False, highlight=False, emoji=False)
    if args.app:
        show_status(console, settings_of(args), args.nights, datetime.now(UTC))
        return 0
    apps = [app for app in known_apps() if Home(home_folder(), app).runs.is_dir()]
    if not apps:
        console.print(f"No app has run in {home_folder()}; begin with `nightjar backfill --help`.", style="yellow")
    codes = [_show(console, app, args.nights) for app in apps]
    return next((code for code in codes if code), 0)


def _show(console: Console, app: str, most: int) -> int:
    """Print one app of several; one that is broken is told in a line, and hides no other. Returns its exit code."""
    try:
        show_status(console, settings_of(argparse.Namespace(app=app)), most, datetime.now(UTC))
    except NightjarError as error:
        # Of a configuration the first line is a heading, and the second the first key that is wrong.
        told = masked(" ".join(line.strip() for line in str(error).splitlines()[:2]), known_secrets(os.environ))
        console.print(f"App {app}: {told} (nightjar doctor --app {app})", style="red", soft_wrap=True)
        return error.exit_code
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
