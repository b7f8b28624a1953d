"""Arguments that commands share."""

import argparse
from datetime import date, datetime

from jobs.core.config import Settings, load_settings
from jobs.core.errors import UsageError
from jobs.core.logs import use_format
from jobs.core.night import Night


def add_app(parser: argparse.ArgumentParser) -> None:
    """`--app` and `--input`."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    parser.add_argument("--input", metavar="DIR", help="folder of the log, instead of log.path")


def add_date(parser: argparse.ArgumentParser) -> None:
    """`--date`."""
    parser.add_argument("--date", required=True, type=iso_date, help="run date, YYYY-MM-DD: the app's local day")


def iso_date(text: str) -> date:
    """Parse a date for argparse; its message says what is wanted."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2025-03-01") from None


def night_of(settings: Settings, first: date, last: date | None = None) -> Night:
    """The night, or the range of them, that a command is asked for.

    The clock is asked here, where people type, and nowhere below: a closed day needs no file, so that a mistyped
    year would pass for one.

    Raises
    ------
    UsageError
        If a date is before the app's first data, or after its today.
    """
    night = Night(settings, first, last or first)
    today = datetime.now(settings.zone).date()
    if night.last > today:
        raise UsageError(
            f"date {night.last} is yet to come for app {settings.app!r}, where it is {today} "
            f"(schedule.time_zone: {settings.schedule.time_zone}); give a date up to {today}"
        )
    return night


def settings_of(args: argparse.Namespace) -> Settings:
    """The app's settings, with what the command line overrides.

    Raises
    ------
    UsageError
        If one folder is given to an app with several logs, none of which is `log`.
    """
    settings = _settings_of(args)
    use_format(settings.logging.format)
    return settings


def _settings_of(args: argparse.Namespace) -> Settings:
    if not getattr(args, "input", None):
        return load_settings(args.app)
    settings = load_settings(args.app, overrides={"log.path": args.input})
    if not settings.logs or load_settings(args.app).log.path is not None:
        return settings
    if len(settings.logs) > 1:
        names = ", ".join(f"NIGHTJAR__LOGS__{name.upper()}__PATH" for name in settings.logs)
        raise UsageError(f"--input names one folder, but app {args.app!r} has several logs; set {names} instead")
    return load_settings(args.app, overrides={f"logs.{next(iter(settings.logs))}.path": args.input})
