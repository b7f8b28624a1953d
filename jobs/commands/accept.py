"""`nightjar accept`: release a night that a critical check stopped.

The release is an input of the night: the stage that writes the table runs again and goes on.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.adapters.lake.accepted import told_dates
from jobs.commands.arguments import iso_date, night_of, settings_of
from jobs.commands.checks_by_name import reason_text, require_checks
from jobs.commands.person import person
from jobs.core.config import Settings, home_folder
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.catalog import writer_of
from jobs.stages.check_pages import failed_checks

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar accept --app shop --date 2025-03-01 --expectation events.volume --reason "strike, few orders"
  nightjar accept --app shop --list
  nightjar accept --app shop --date 2025-03-01 --expectation events.volume --withdraw

Afterwards run the night's stage again (in Airflow: clear the failed task). A check that is wrong for the app for
good belongs into its file: checks.accept. A release may be given before the check fails, which is warned of. It is
taken back with --withdraw; what was built with it stands until its stage runs again, and then the check stops it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which check, of which date, and why, or that it is taken back; or the list of all releases."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument("--date", type=iso_date, help="run date, YYYY-MM-DD")
    parser.add_argument("--expectation", help="check, as the error names it: <table>.<expectation>")
    parser.add_argument("--reason", type=reason_text, help="why; kept, and shown in the night's report")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="show what was released so far")
    instead.add_argument("--withdraw", action="store_true", help="take the release of that check and date back")


def run(args: argparse.Namespace) -> int:
    """Record the release or take it back, or list all."""
    settings = settings_of(args)
    accepted = AcceptedChecks(Lake(Home(home_folder(), settings.app).lake).root)
    if args.list:
        _print(accepted.read(), settings)
        return 0
    _require(args, ("date", "expectation") if args.withdraw else ("date", "expectation", "reason"))
    night = night_of(settings, args.date)  # refuses a date that has no night
    require_checks([args.expectation], settings)
    return _withdraw(accepted, night, args.expectation) if args.withdraw else _accept(accepted, night, args)


def _require(args: argparse.Namespace, names: Sequence[str]) -> None:
    missing = [f"--{name}" for name in names if getattr(args, name) is None]
    if missing:
        raise UsageError(
            f"nightjar accept lacks {' and '.join(missing)} (to see what was released so far: nightjar accept "
            f"--app {args.app} --list)"
        )


def _accept(accepted: AcceptedChecks, night: Night, args: argparse.Namespace) -> int:
    one = Acceptance(first=args.date, last=args.date, expectation=args.expectation, reason=args.reason, by=person())
    _warn_of_no_failure(night, one)
    accepted.record([one])
    sys.stdout.write(f"accepted {one.expectation} of {args.date}; go on with: {_again(night, one)}\n")
    return 0


def _warn_of_no_failure(night: Night, one: Acceptance) -> None:
    """A release ahead of a failure is allowed, as in a back-fill; more often it is a wrong date or name."""
    lake = Lake(Home(home_folder(), night.settings.app).lake)
    failed = failed_checks(lake, one.table, one.first)
    if failed is None:
        told = f"nothing was checked of table {one.table!r} for that date yet"
    elif one.expectation.partition(".")[2] not in failed:
        others = ", ".join(f"{one.table}.{name}" for name in sorted(failed)) or "none did"
        told = f"it did not fail when the table was written last (what failed: {others})"
    else:
        return
    log.warning(
        "%s of %s is released ahead: %s; if that was not meant, repeat the command with --withdraw in the place of "
        "--reason",
        one.expectation,
        one.first,
        told,
    )


def _withdraw(accepted: AcceptedChecks, night: Night, expectation: str) -> int:
    gone = accepted.withdraw(expectation, night.run_date)
    if not gone:
        raise UsageError(
            f"{expectation} is not released for {night.run_date}; nightjar accept --app {night.settings.app} --list "
            "shows what is"
        )
    for one in gone:
        sys.stdout.write(f"withdrew {expectation} of {told_dates(one)}; now run again: {_again(night, one)}\n")
    return 0


def _again(night: Night, one: Acceptance) -> str:
    return f"nightjar {writer_of(one.table)} --app {night.settings.app} --date {night.run_date}"


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
        table.add_row(told_dates(one), one.expectation, one.reason, one.by)
    console.print(table)
