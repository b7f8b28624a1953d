"""Finds the log file of each open day and hashes it; light, so that an unchanged night stays so."""

import hashlib
from datetime import date
from pathlib import Path

from jobs.core.errors import InputError
from jobs.core.night import Night


def log_files(night: Night) -> dict[date, Path]:
    """File of each open day of the night.

    Raises
    ------
    InputError
        If an open day's file, or the folder, is missing.
    """
    if not night.open_dates:
        return {}
    settings = night.settings.log
    folder = Path(settings.path or "")
    if not settings.path or not folder.is_dir():
        raise InputError(
            f"app {night.settings.app!r}: the log folder {settings.path!r} (log.path) does not exist; "
            "give an existing folder there or with --input"
        )
    files = {day: folder / f"{day}.{settings.extension}" for day in night.open_dates}
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        raise InputError(_missing(night, folder, missing))
    return files


def _missing(night: Night, folder: Path, names: list[str]) -> str:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        f"no file {shown} in {folder}, but app {night.settings.app!r} calls "
        f"{'that day' if len(names) == 1 else 'those days'} open; deliver it, or add the date to "
        f"calendar.closed_days in conf/apps/{night.settings.app}.yaml, and run the night again"
    )


def file_digest(file: Path, is_text: bool) -> str:
    """Hash of a file's bytes.

    Raises
    ------
    InputError
        If it cannot be read, or is text that is not UTF-8.
    """
    if is_text:
        _check_utf8(file)
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}; mend its permissions or deliver it again") from None


def _check_utf8(file: Path) -> None:
    """Spark would replace what it cannot decode, so that two different rows could become one."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text: {error.reason}; deliver it again") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}; mend its permissions or deliver it again") from None
