"""Temporary files of stages, of what they call and of what they start.

A killed process leaves them. They lie below the home, so that `nightjar vacuum` finds them.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLE = "TMPDIR"


def temporary_folder(root: Path) -> Path:
    """Where they lie below ``NIGHTJAR_HOME``; whoever writes there makes it."""
    return root / "tmp"


@contextmanager
def temporary_files_below(root: Path) -> Iterator[None]:
    """Let this process, and those that it starts, keep theirs below ``NIGHTJAR_HOME``; Java has an option for it."""
    before = tempfile.tempdir, os.environ.get(_VARIABLE)
    folder = temporary_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = os.environ[_VARIABLE] = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before[1]
