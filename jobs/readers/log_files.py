"""Finds the log files of a night; light, so that a night without news stays so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jobs.core.config.log import LogSettings
from jobs.core.errors import InputError
from jobs.core.night import Night

_DAY_LENGTH = len("YYYY-MM-DD")
# Between the day and the rest of the name of one of a day's several files.
_PART_MARKS = ("-", "_", ".")


@dataclass(frozen=True)
class SourceFiles:
    """Files of one log.

    Attributes
    ----------
    by_day
        Of a log whose files' names are days: files of each open day of the night that has some, sorted.
    undated
        Of a log that is split by event time: all of its files, sorted.
    """

    by_day: dict[date, tuple[Path, ...]] = field(default_factory=dict)
    undated: tuple[Path, ...] = ()

    @property
    def paths(self) -> list[Path]:
        """All files, by day and name."""
        return [path for day in sorted(self.by_day) for path in self.by_day[day]] + list(self.undated)


LogFiles = dict[str, SourceFiles]
"""By the name of the log."""


def log_files(night: Night) -> LogFiles:
    """Files of every log of the app.

    A day's files lie in the log's folder as ``<day>.<extension>``, ``<day>-<anything>.<extension>`` or
    ``<day>/<anything>.<extension>``.

    Raises
    ------
    InputError
        If a log's folder is missing, or a log of events has no file for an open day.
    """
    return {name: _files_of(night, name, log) for name, log in night.settings.sources.items()}


def _files_of(night: Night, name: str, log: LogSettings) -> SourceFiles:
    if log.day_from == "event_time":
        return SourceFiles(undated=_all_files(night, name, log))
    if not night.open_dates:
        return SourceFiles()
    folder = Path(log.path or "")
    if not log.path or not folder.is_dir():
        raise InputError(_no_such_path(night, name, log, "folder"))
    found = _by_day(folder, log.extension)
    by_day = {day: found[day] for day in night.open_dates if day in found}
    missing = [day for day in night.open_dates if day not in found]
    # A catalogue or a table of users that did not change brings no file.
    if missing and log.kind == "events":
        raise InputError(_missing(night, folder, [f"{day}.{log.extension}" for day in missing]))
    return SourceFiles(by_day)


def _all_files(night: Night, name: str, log: LogSettings) -> tuple[Path, ...]:
    path = Path(log.path or "")
    if log.path and path.is_file():
        return (path,)
    if not log.path or not path.is_dir():
        raise InputError(_no_such_path(night, name, log, "file or folder"))
    found = tuple(_with_ending(path, log.extension))
    if not found:
        raise InputError(
            f"no file *.{log.extension} in {path}, the folder of log {name!r} of app {night.settings.app!r}; deliver "
            f"one, or correct {night.settings.key_of(name)}.extension"
        )
    return found


def _by_day(folder: Path, extension: str) -> dict[date, tuple[Path, ...]]:
    found: dict[date, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        day = day_of(path.name)
        if day is not None:
            found.setdefault(day, []).extend(_day_files(path, extension))
    return {day: tuple(paths) for day, paths in found.items() if paths}


def day_of(name: str) -> date | None:
    """The day with which a file's name begins, None where it does not."""
    try:
        return date.fromisoformat(name[:_DAY_LENGTH]) if name[4:5] == "-" else None
    except ValueError:
        return None


def _day_files(path: Path, extension: str) -> Iterator[Path]:
    rest = path.name[_DAY_LENGTH:]
    if not rest and path.is_dir():
        yield from _with_ending(path, extension)
    elif rest.startswith(_PART_MARKS) and rest.endswith(f".{extension}") and path.is_file():
        yield path


def _with_ending(folder: Path, extension: str) -> Iterator[Path]:
    """Files of a folder, sorted; names that begin with a dot or `_` are other programs' notes."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(f".{extension}") and path.name[0] not in "._" and path.is_file():
            yield path


def _no_such_path(night: Night, name: str, log: LogSettings, what: str) -> str:
    key = f"{night.settings.key_of(name)}.path"
    variable = "NIGHTJAR__" + key.upper().replace(".", "__")
    instead = f"in the environment as {variable}" if night.settings.logs else "with --input"
    return (
        f"app {night.settings.app!r}: the log {what} {log.path!r} ({key}) does not exist; "
        f"give an existing {what} there or {instead}"
    )


def _missing(night: Night, folder: Path, names: list[str]) -> str:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        f"no file {shown} in {folder}, but app {night.settings.app!r} calls "
        f"{'that day' if len(names) == 1 else 'those days'} open; deliver it, or add the date to "
        f"calendar.closed_days in conf/apps/{night.settings.app}.yaml, and run the night again"
    )
