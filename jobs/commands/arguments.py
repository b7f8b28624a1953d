"""Arguments that commands share."""

import argparse
from datetime import date

from jobs.core.config import Settings, load_settings


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


def settings_of(args: argparse.Namespace) -> Settings:
    """The app's settings, with what the command line overrides."""
    overrides = {"log.path": args.input} if getattr(args, "input", None) else {}
    return load_settings(args.app, overrides=overrides)
