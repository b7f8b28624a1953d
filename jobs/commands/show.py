"""`nightjar show`: a night as a product engineer sees it, read back from the online store.

The lists and probabilities come through the plain Feast SDK, as an app would read them; the counts, the
champions and the seconds come from the lake and the run log.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import date

from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.adapters.online.read_users import OnlineUser
from jobs.commands.arguments import iso_date, settings_of
from jobs.commands.show_page import print_night, print_users
from jobs.commands.user_interfaces import print_commands
from jobs.core.config import Settings, home_folder
from jobs.core.errors import MissingPartitionError
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.night import Night
from jobs.core.schemas import USER_STATUS
from jobs.datasets.showcase import pick_users
from jobs.datasets.tables import table_named
from jobs.stages.night_facts import summarise_night

EXAMPLES = """examples:
  nightjar show --app sample
  nightjar show --app sample --date 2025-03-01 --users u00017,u00042 --k 5
"""

ReadUsers = Callable[[Settings, Home, Sequence[str]], list[OnlineUser]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and what to look at."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument("--date", type=iso_date, help="run date, YYYY-MM-DD [the newest night that has champions]")
    parser.add_argument("--users", type=_ids, metavar="A,B,C", help="user ids [the most active, a middle, a new one]")
    parser.add_argument("--k", type=_length, default=10, help="items of a list to show [%(default)s]")


def run(args: argparse.Namespace) -> int:
    """Print the night."""
    console = Console(markup=False, highlight=False, emoji=False)
    show(console, settings_of(args), args.date, args.users, args.k, read_online)
    return 0


def show(
    console: Console,
    settings: Settings,
    day: date | None,
    users: Sequence[str] | None,
    k: int,
    read_users: ReadUsers,
) -> None:
    """Print a night.

    Parameters
    ----------
    console
        Where to; wraps at its own width.
    settings
        Of the app.
    day
        Run date; None for the newest one that has champions.
    users
        Ids to show; None for three of the lake's.
    k
        Items of a list.
    read_users
        Answers for ids from the online store; called only where something is served.

    Raises
    ------
    MissingPartitionError
        If that night, or any night, did not run; the message names the command that runs it.
    """
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    day = day or _newest_night(lake, settings)
    lake.require(CHAMPIONS.name, day, f"the night of app {settings.app!r} (its DAG is nightly_{settings.app})")
    night = Night(settings, day, day)
    summary = summarise_night(lake, home, night)
    ids = (users or _picked(lake, night)) if summary["online"]["serving"] else []
    print_users(console, read_users(settings, home, ids) if ids else [], k)
    print_night(console, summary)
    print_commands(console, settings, home, home.reports / str(day) / "night.html")


def read_online(settings: Settings, home: Home, users: Sequence[str]) -> list[OnlineUser]:
    """Read users with Feast."""
    from jobs.adapters.online.environment import feature_store
    from jobs.adapters.online.read_users import read_users

    return read_users(feature_store(settings, home), users)


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _length(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of a list; give a number from 1 on")
    return int(text)


def _newest_night(lake: Lake, settings: Settings) -> date:
    """The newest run date whose `champions` has a row: a back-fill leaves empty ones behind."""
    for day in reversed(lake.run_dates(CHAMPIONS.name)):
        manifest = lake.manifest(CHAMPIONS.name, day)
        if manifest and manifest.rows:
            return day
    app, first = settings.app, settings.schedule.first_day
    raise MissingPartitionError(
        f"app {app!r} has no night with champions in {lake.root}; run its DAG nightly_{app}, or build its past "
        f"with `nightjar backfill --app {app} --from {first} --to YYYY-MM-DD`"
    )


def _picked(lake: Lake, night: Night) -> list[str]:
    """Three users who have lists of their own by the lake's tables of the night."""
    from jobs.adapters.lake.arrow import empty_pandas, read_pandas
    from jobs.datasets.serving import build_user_serving, personal_users

    activity = table_named("user_activity")
    rows = read_pandas(lake, activity, lake.require(activity.name, night.run_date, "build_features"))
    told = lake.manifest(USER_STATUS.name, night.run_date)
    status = read_pandas(lake, USER_STATUS, told) if told else empty_pandas(USER_STATUS)
    end = night.end_of(night.run_date)
    return pick_users(rows, personal_users(build_user_serving(rows, (), status, night.settings.activity, end)))
