"""`nightjar status`: the last nights of the apps, and what they serve now."""

import argparse
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.commands.arguments import iso_date, settings_of
from jobs.commands.status_page import print_app
from jobs.core.config import Settings, home_folder, known_apps
from jobs.core.errors import MissingPartitionError, NightjarError
from jobs.core.home import Home
from jobs.core.secrets import known_secrets, masked
from jobs.stages.recent_nights import one_night, recent_nights, served_now

EXAMPLES = """examples:
  nightjar status                                   every app that ever ran
  nightjar status --app sample --nights 14          two weeks of one app
  nightjar status --app sample --date 2025-03-01    one night: its stages, and why the gate decided so
  nightjar status --app sample --stages             the same for each of the last seven

A line a night: how far it came, seconds, rows, what the gate decided, its generation and its age; below them the
stages and decisions of the newest. An age is counted from now, in the app's time zone: 0 days is the day that
ended last. A terminal of 80 columns has room for all of it. More of one night is told by
`nightjar show --app APP --date D` and by its report.
exit codes: 0 every app was shown; 5 the app has no such night; else that of the first app whose file or tables
are broken.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, which nights, and how much of each."""
    parser.add_argument("--app", help="app: the name of a file in conf/apps/ [every app that ever ran]")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--nights", type=_number, default=7, metavar="N", help="newest nights to show [%(default)s]")
    which.add_argument("--date", type=iso_date, help="one night instead, with its stages: a run date, YYYY-MM-DD")
    parser.add_argument("--stages", action="store_true", help="stages and decisions of each night [of the newest]")


@dataclass(frozen=True)
class Asked:
    """What to show of an app.

    Attributes
    ----------
    nights
        So many of the newest.
    day
        One run date in their place; None for the newest.
    whole
        How many of them with their stages and decisions.
    """

    nights: int = 7
    day: date | None = None
    whole: int = 1


def run(args: argparse.Namespace) -> int:
    """Print each app."""
    console = Console(markup=False, highlight=False, emoji=False)
    asked = Asked(args.nights, args.date, args.nights if args.stages else 1)
    if args.app:
        show_status(console, settings_of(args), asked, datetime.now(UTC))
        return 0
    apps = [app for app in known_apps() if Home(home_folder(), app).runs.is_dir()]
    if not apps:
        console.print(f"No app has run in {home_folder()}; begin with `nightjar backfill --help`.", style="yellow")
    codes = [_show(console, app, asked) for app in apps]
    return next((code for code in codes if code), 0)


def _show(console: Console, app: str, asked: Asked) -> int:
    """Print one app of several; one that is broken is told in a line, and hides no other. Returns its exit code."""
    try:
        show_status(console, settings_of(argparse.Namespace(app=app)), asked, datetime.now(UTC))
    except MissingPartitionError as error:
        # Apps do not begin on the same day: of several, one without that night is no fault.
        console.print(f"{error}\n", style="yellow", soft_wrap=True)
    except NightjarError as error:
        # Of a configuration the first line is a heading, and the second the first key that is wrong.
        told = masked(" ".join(line.strip() for line in str(error).splitlines()[:2]), known_secrets(os.environ))
        console.print(f"App {app}: {told} (nightjar doctor --app {app})", style="red", soft_wrap=True)
        return error.exit_code
    return 0


def show_status(console: Console, settings: Settings, asked: Asked, now: datetime) -> None:
    """Print one app's nights.

    Parameters
    ----------
    console
        Where to; wraps at its own width.
    settings
        Of the app.
    asked
        Which nights, and how much of each.
    now
        The moment from which ages are counted, UTC.

    Raises
    ------
    MissingPartitionError
        If the app has no night of the date that is asked for.
    """
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    nights = (
        [one_night(lake, home, settings, asked.day)]
        if asked.day
        else recent_nights(lake, home, settings, asked.nights)
    )
    served, problem = served_now(settings, home)
    print_app(console, settings, nights, served, problem, now, asked.whole)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of nights; give one from 1 on")
    return int(text)
