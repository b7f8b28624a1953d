"""`nightjar accept`: release a night that a critical check stopped.

The release is an input of the night: the stage that writes the table runs again and goes on.
"""

import argparse
import sys

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.commands.arguments import iso_date, night_of, settings_of
from jobs.commands.checks_by_name import reason_text, require_checks
from jobs.commands.person import person
from jobs.core.config import Settings, home_folder
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.stages.catalog import writer_of

EXAMPLES = """examples:
  nightjar accept --app shop --date 2025-03-01 --expectation events.volume --reason "strike, few orders"
  nightjar accept --app shop --list

Afterwards run the night's stage again (in Airflow: clear the failed task). A check that is wrong for the app for
good belongs into its file: checks.accept.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which check, of which date, and why; or the list of all releases."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument("--date", type=iso_date, help="run date, YYYY-MM-DD")
    parser.add_argument("--expectation", help="check, as the error names it: <table>.<expectation>")
    parser.add_argument("--reason", type=reason_text, help="why; kept, and shown in the night's report")
    parser.add_argument("--list", action="store_true", help="show what was released so far")


def run(args: argparse.Namespace) -> int:
    """Record the release, or list all."""
    settings = settings_of(args)
    accepted = AcceptedChecks(Lake(Home(home_folder(), settings.app).lake).root)
    if args.list:
        _print(accepted.read(), settings)
        return 0
    missing = [f"--{name}" for name in ("date", "expectation", "reason") if getattr(args, name) is None]
    if missing:
        raise UsageError(f"nightjar accept needs {', '.join(missing)}, or --list; see nightjar accept --help")
    night_of(settings, args.date)  # refuses a date that has no night
    require_checks([args.expectation], settings)
    one = Acceptance(first=args.date, last=args.date, expectation=args.expectation, reason=args.reason, by=person())
    accepted.record([one])
    sys.stdout.write(
        f"accepted {one.expectation} of {args.date}; go on with: "
        f"nightjar {writer_of(one.table)} --app {settings.app} --date {args.date}\n"
    )
    return 0


def _print(accepted: tuple[Acceptance, ...], settings: Settings) -> None:
    console = Console(markup=False, highlight=False, emoji=False)
    if not accepted and not settings.checks.accept:
        console.print(f"Nothing was released for app {settings.app}.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("run date", "check", "reason", "by"):
        table.add_column(name, overflow="fold")
    for name in settings.checks.accept:
        table.add_row("all", name, "checks.accept in the configuration", "")
    for one in accepted:
        dates = str(one.first) if one.first == one.last else f"{one.first} to {one.last}"
        table.add_row(dates, one.expectation, one.reason, one.by)
    console.print(table)
