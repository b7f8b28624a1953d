"""The files of an app's logs: are they there, and may this user read them?"""

import os
from pathlib import Path

from jobs.commands.checkup.finding import Finding, Findings, State
from jobs.core.config import Settings
from jobs.core.config.log import LogSettings
from jobs.core.home import Home


def look_at_logs(settings: Settings, home: Home) -> Findings:
    """The folder or the one file of each log: is it there, and may this user read it?

    Files that are not there fail no night of an app that has none yet, as the apps of a fresh checkout: a note.
    """
    absent: State = "wrong" if any(home.lake.glob("*/manifests/*.json")) else "note"
    return [_log(settings, name, Path(log.path), absent) for name, log in settings.sources.items() if log.path]


def _log(settings: Settings, name: str, path: Path, absent: State) -> Finding:
    subject, log = f"log {name}", settings.sources[name]
    if not path.exists():
        key = f"{settings.key_of(name)}.path".upper().replace(".", "__")
        return Finding(subject, absent, f"no {_what(log)} {path}", f"deliver the files, or set NIGHTJAR__{key}")
    # Only a folder is entered: a file that can be executed would be a strange log.
    if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
        return Finding(subject, "wrong", f"{path} cannot be read by this user", f"chmod or chown {path}")
    return _file(settings, name, path) if path.is_file() else _folder(subject, path, absent)


def _what(log: LogSettings) -> str:
    return "file or folder" if log.day_from == "event_time" else "folder"


def _file(settings: Settings, name: str, file: Path) -> Finding:
    if settings.sources[name].day_from == "event_time":
        return Finding(f"log {name}", "ok", f"{file}, one file")
    told = f"{file} is one file, and the log is one of a file a day"
    todo = f"name its folder, or set {settings.key_of(name)}.day_from to event_time"
    return Finding(f"log {name}", "wrong", told, todo)


def _folder(subject: str, folder: Path, absent: State) -> Finding:
    newest = max((file.name for file in folder.iterdir() if not file.name.startswith(".")), default="")
    if newest:
        return Finding(subject, "ok", f"{folder}, the newest file is {newest}")
    return Finding(subject, absent, f"{folder} is empty", "deliver the files of the day")
