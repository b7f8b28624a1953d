"""Looks through all that a home holds: names, contents, and who may read."""

import stat
from collections.abc import Iterator
from pathlib import Path


def open_to_others(root: Path) -> list[str]:
    """Files that are not 0640 or stricter, with their mode; programs may be executed by those who may read them."""
    found = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
    return [f"{mode:o} {path}" for path, mode in sorted(modes.items()) if mode & ~_allowed(path)]


def files_that_hold(root: Path, text: str) -> Iterator[Path]:
    """Files with a text in them, as bytes."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and text.encode() in path.read_bytes():
            yield path


def _allowed(path: Path) -> int:
    return 0o750 if path.parent.name == "bin" else 0o640
