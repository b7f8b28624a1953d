"""`nightjar init`: write an app's file from a sample of its log, from a template, or from both.

Columns, event types, the format of times, the first day and the closed days are guessed; every line of
the file says what it means, and what could not be guessed is said here and there. A template says them, and a sample
beside it what is different in this log.
"""

import argparse
import logging
import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console

from jobs.adapters.lake.files import write_atomic
from jobs.commands.app_file import AppFile
from jobs.commands.init_page import print_proposal, print_template
from jobs.commands.templates import fill_in, log_section, template_files, template_lines
from jobs.commands.yaml_text import scalar
from jobs.core.config import home_folder, load_settings
from jobs.core.config.load import conf_folder
from jobs.core.errors import ConfigError, UsageError
from jobs.readers.fit_template import Fit, fit_template
from jobs.readers.guess_calendar import guess_calendar
from jobs.readers.guess_time import first_day
from jobs.readers.open_text import GZIP
from jobs.readers.preview import preview
from jobs.readers.propose import propose

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar init --app shop --sample /data/shop/2025-03-01.csv --time-zone Europe/Amsterdam
  nightjar init --app music --sample plays.json --format jsonlines
  nightjar init --app films --template ratings
  nightjar init --app web --template clickstream --sample /data/web/events.csv.gz

templates:
""" + "\n".join(template_lines())

_FORMATS = {
    "csv": "csv",
    "json": "jsonlines",
    "jsonl": "jsonlines",
    "ndjson": "jsonlines",
    "parquet": "parquet",
    "pq": "parquet",
}
_EXTENSIONS = {"csv": "csv", "jsonlines": "jsonl", "parquet": "parquet"}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_APP_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app's name, and what its log looks like."""
    parser.add_argument("--app", required=True, type=_app_name, help="name of the app: lower case, digits and _")
    parser.add_argument("--template", choices=sorted(template_files()), help="what to start from; see below")
    parser.add_argument("--sample", type=Path, metavar="FILE", help="a day's file of the log, or all of it")
    parser.add_argument("--format", choices=sorted(_EXTENSIONS), help="format of the file [by its ending]")
    parser.add_argument("--time-zone", type=_zone, help="the app's zone, such as Asia/Tokyo [the template's, or UTC]")
    parser.add_argument("--force", action="store_true", help="replace the app's file if there is one")


def run(args: argparse.Namespace) -> int:
    """Write the file and say what was matched, what was not, and what to run next."""
    target = conf_folder() / "apps" / f"{args.app}.yaml"
    if target.exists() and not args.force:
        raise UsageError(f"{target} exists; edit it, or replace it with --force")
    if args.sample is None and args.template is None:
        raise UsageError("give a file of the log with --sample, a --template to start from, or both")
    if args.sample is not None and not args.sample.is_file():
        raise UsageError(f"no file {args.sample}; give a file of the log with --sample")
    console = Console(markup=False, highlight=False, emoji=False)
    if args.template:
        text, differences = _from_template(args)
        write_atomic(target, text)
        print_template(console, args.app, args.template, target, differences)
    else:
        zone = args.time_zone or ZoneInfo("UTC")
        app_file, days = _guess(args.app, args.sample.resolve(), args.format or _format_of(args.sample), zone)
        write_atomic(target, app_file.text)
        print_proposal(console, app_file, target, days)
    _warn_of_gaps(args.app)
    return 0


def _from_template(args: argparse.Namespace) -> tuple[str, list[str]]:
    """The app's file, and how the sample differs from the template."""
    text = template_files()[args.template].read_text(encoding="utf-8")
    zone = {"schedule.time_zone": args.time_zone.key} if args.time_zone else {}
    if args.sample is None:
        return fill_in(text, args.app, args.template, zone, Fit()), []
    sample, log_format = args.sample.resolve(), args.format or _format_of(args.sample)
    section, day = log_section(text), _day_of(sample)
    head = preview(sample, log_format)
    fit = fit_template(section, head, day)
    settings = {**zone, **_place(sample, log_format, day)}
    differences = list(fit.sentences(section))
    first = _first_day(sample, log_format, fit, args.time_zone or ZoneInfo("UTC"))
    if first:
        settings["schedule.first_day"] = str(first)
    else:
        differences.append("schedule.first_day is still the template's: no time of the sample could be read")
    return fill_in(text, args.app, args.template, settings, fit), differences


def _first_day(sample: Path, log_format: str, fit: Fit, zone: ZoneInfo) -> date | None:
    days = _days_with_file(sample.parent, _extension(sample, log_format)) if _day_of(sample) else []
    return min(days, default=first_day(fit.times.times, zone))


def _place(sample: Path, log_format: str, day: date | None) -> dict[str, str]:
    """Where the log is: the folder of files named by their days, or the one file that is split."""
    path, day_from = (sample.parent, "path") if day else (sample, "event_time")
    return {
        "log.path": scalar(_portable(path)),
        "log.format": log_format,
        "log.extension": scalar(_extension(sample, log_format)),
        "log.day_from": day_from,
    }


def _warn_of_gaps(app: str) -> None:
    """What could not be guessed is for the reader of the file to fill in, and no error yet."""
    try:
        load_settings(app)
    except ConfigError as error:
        log.warning("not complete yet: %s", error)


def _guess(app: str, sample: Path, log_format: str, zone: ZoneInfo) -> tuple[AppFile, list[date]]:
    """The file's content, and the days that have a file of the log."""
    proposal = propose(preview(sample, log_format), zone, _day_of(sample))
    extension = _extension(sample, log_format)
    days = _days_with_file(sample.parent, extension)
    closed_weekdays, closed_days = guess_calendar(days)
    app_file = AppFile(
        app=app,
        sample=sample.name,
        path=_portable(sample.parent),
        log_format=log_format,
        extension=extension,
        time_zone=zone.key,
        first_day=min(days, default=proposal.first_day),
        closed_weekdays=closed_weekdays,
        closed_days=closed_days,
        proposal=proposal,
    )
    return app_file, days


def _days_with_file(folder: Path, extension: str) -> list[date]:
    """Days whose file is there by its name, ascending."""
    found = (_day_of(path) for path in folder.glob(f"*.{extension}"))
    return sorted(day for day in found if day)


def _day_of(path: Path) -> date | None:
    """The day that a file's name says, None where it says none."""
    stem = path.name.partition(".")[0]
    try:
        return date.fromisoformat(stem) if _ISO_DAY.fullmatch(stem) else None
    except ValueError:
        return None


def _extension(sample: Path, log_format: str) -> str:
    """Ending of the file's name, with that of its packing."""
    endings = sample.suffixes[-2:] if sample.suffix == GZIP else sample.suffixes[-1:]
    return "".join(endings)[1:] or _EXTENSIONS[log_format]


def _portable(folder: Path) -> str:
    home = home_folder()
    return f"${{NIGHTJAR_HOME}}/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _format_of(sample: Path) -> str:
    try:
        return _FORMATS[Path(sample.name.removesuffix(GZIP)).suffix[1:].lower()]
    except KeyError:
        raise UsageError(
            f"{sample.name}: the ending does not tell the format; give --format {', '.join(sorted(_EXTENSIONS))}"
        ) from None


def _app_name(text: str) -> str:
    if not _APP_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no app name; use lower case, digits and _")
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"no such time zone {text!r}; use an IANA name") from None
