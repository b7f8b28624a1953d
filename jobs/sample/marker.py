"""The marker beside the truth: what a sample was made from, and which files are its own."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from jobs.core.errors import UsageError
from jobs.sample.files import write_lines
from jobs.sample.folders import Folders
from jobs.sample.parameters import Parameters

MARKER = "_sample.json"
LOG_PATTERN = "????-??-??.jsonl"


class Marker(TypedDict):
    """Content of the marker file.

    ``files`` maps paths, relative to the truth folder so that both folders can move together, to sizes
    in bytes; 0 while ``complete`` is false.
    """

    complete: bool
    parameters: dict[str, str | int | float]
    files: dict[str, int]


def is_unchanged(folders: Folders, parameters: Parameters) -> bool:
    """Whether a whole sample of these parameters stands there, all files of the size they were written with."""
    marker = _read_marker(folders)
    if not marker["complete"] or marker["parameters"] != parameters.as_json():
        return False
    return all(_has_size(folders.truth / name, size) for name, size in marker["files"].items())


def begin(folders: Folders, parameters: Parameters) -> None:
    """Note in the marker that files are about to change.

    Raises
    ------
    UsageError
        If the log folder has daily files that no earlier sample wrote.
    """
    ours = set(_read_marker(folders)["files"])
    foreign = sorted(path.name for path in folders.log.glob(LOG_PATTERN) if _key(folders, path) not in ours)
    if foreign:
        raise UsageError(
            f"sample: {folders.log} has {len(foreign)} daily files that were not written by `nightjar sample` "
            f"with the truth folder {folders.truth} (the first is {foreign[0]}); give --out another folder"
        )
    dates = [parameters.date_of(day) for day in range(parameters.days)]
    kinds = (folders.log_of, folders.items_of, folders.users_of)
    planned = {_key(folders, path_of(day)) for path_of in kinds for day in dates}
    files = dict.fromkeys(sorted(ours | planned), 0)
    _write_marker(folders, Marker(complete=False, parameters=parameters.as_json(), files=files))


def finish(folders: Folders, parameters: Parameters, written: Iterable[Path]) -> None:
    """Remove the files of an earlier, other sample, and note in the marker that this one is whole."""
    sizes = {_key(folders, path): path.stat().st_size for path in written}
    for name in sorted(set(_read_marker(folders)["files"]) - set(sizes)):
        (folders.truth / name).unlink(missing_ok=True)
    _write_marker(folders, Marker(complete=True, parameters=parameters.as_json(), files=sizes))


def _read_marker(folders: Folders) -> Marker:
    path = folders.truth / MARKER
    if not path.is_file():
        return Marker(complete=False, parameters={}, files={})
    try:
        marker: Marker = json.loads(path.read_text())
        return Marker(complete=marker["complete"], parameters=marker["parameters"], files=marker["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"sample: {path} is not a marker that `nightjar sample` wrote ({error!r}); delete it and the sample's "
            "daily files, then run it again"
        ) from error


def _write_marker(folders: Folders, marker: Marker) -> None:
    write_lines(folders.truth / MARKER, [json.dumps(marker, indent=1)])


def _key(folders: Folders, path: Path) -> str:
    return os.path.relpath(path, folders.truth)


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
