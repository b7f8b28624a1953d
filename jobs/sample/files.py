"""Writing files so that none is ever half there."""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

from jobs.core.errors import StorageError


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines as UTF-8 with Unix line ends, whole or not at all."""
    content = "".join(f"{line}\n" for line in lines).encode()

    def write(beside: Path) -> None:
        beside.write_bytes(content)

    write_whole(path, write)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in place.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written to; ``path`` is as it was before.
    """
    beside = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise StorageError(
            f"sample: cannot write {path} ({error.strerror or error}); make room or choose another folder, then run "
            "it again"
        ) from error
