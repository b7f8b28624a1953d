"""`nightjar doctor`: what is wrong with an installation and its apps, and what to do."""

import argparse
from datetime import UTC, datetime

from rich.console import Console

from jobs.commands.arguments import settings_of
from jobs.commands.checkup.agreement import look_at_agreement
from jobs.commands.checkup.connections import look_at_connections
from jobs.commands.checkup.finding import Finding, Findings
from jobs.commands.checkup.machine import look_at_machine
from jobs.commands.checkup.stuck import look_for_stuck_runs
from jobs.commands.checkup.versions import look_at_versions
from jobs.commands.doctor_page import print_findings
from jobs.core.config import Settings, home_folder, known_apps, load_settings
from jobs.core.errors import NightjarError, UsageError
from jobs.core.home import Home

WRONG = 1

_MACHINE = "this machine"

EXAMPLES = """examples:
  nightjar doctor                   the machine, and every app
  nightjar doctor --app sample      the machine, and one app
  nightjar doctor --quiet           only what needs somebody; for a monitor

exit codes: 0 nothing is wrong (there may be notes), 1 something is. It changes nothing and takes a few seconds;
where Airflow is set up, it is asked for its pools and DAGs, which takes some more for each app.
It does not read the content of the lake's files: nightjar digest does, a date at a time.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and how much to say."""
    parser.add_argument("--app", help="app: the name of a file in conf/apps/ [all]")
    parser.add_argument("--quiet", action="store_true", help="leave out what is well")


def run(args: argparse.Namespace) -> int:
    """Look at everything, print it, and say by the exit code whether something is wrong."""
    console = Console(markup=False, highlight=False, emoji=False)
    apps = [args.app] if args.app else list(known_apps())
    found = {_MACHINE: look_at_versions(), **{f"app {app}": _of_app(app, datetime.now(UTC)) for app in apps}}
    found[_MACHINE] += _machine(apps[0])
    print_findings(console, found, args.quiet)
    return WRONG if any(one.state == "wrong" for findings in found.values() for one in findings) else 0


def _machine(app: str) -> Findings:
    """By the limits of one app; where its configuration is wrong, that is told of the app."""
    try:
        return look_at_machine(load_settings(app), home_folder())
    except NightjarError:
        return []


def _of_app(app: str, now: datetime) -> Findings:
    """A configuration that is wrong is one finding, and no other can be made then."""
    try:
        settings = settings_of(argparse.Namespace(app=app))
    except UsageError:
        raise
    except NightjarError as error:
        return [Finding("configuration", "wrong", str(error), f"mend conf/apps/{app}.yaml")]
    return look_at_app(settings, Home(home_folder(), app), now)


def look_at_app(settings: Settings, home: Home, now: datetime) -> Findings:
    """What there is to say of one app; of one that never ran, only what its first night needs."""
    findings = look_at_connections(settings, home)
    if not home.app_folder.is_dir():
        return findings
    return [*findings, *look_at_agreement(settings, home), *look_for_stuck_runs(settings, home, now)]
