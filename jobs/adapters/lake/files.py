"""Small files that appear whole or not at all, and locks between processes."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def write_atomic(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, also after a crash."""
    temporary = temporary_beside(path)
    try:
        write_synced(temporary, text)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def temporary_beside(path: Path) -> Path:
    """A name for what will be put in the place of `path`; nobody else gets it.

    Drawn, not made of the process id: containers that share a home often have the same.
    """
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")


def write_synced(path: Path, text: str) -> None:
    """Write `text` and wait until the disk has it."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the kernel frees it when the process dies.

    Parameters
    ----------
    path
        A file of this name is made; it stays.
    on_wait
        Called once where somebody else holds it, before this process waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        if on_wait and not _took_at_once(stream):
            on_wait()
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _took_at_once(stream: TextIO) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
