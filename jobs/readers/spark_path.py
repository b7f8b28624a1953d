"""A file's path as Spark takes it: whoever names a log's files does not think of patterns."""

import re
from pathlib import Path

from jobs.core.errors import InputError

_PATTERN = re.compile(r"([\[\]{}*?\\])")


def spark_path(path: str | Path) -> str:
    """The path of one file, with a backslash before each character that would begin a pattern.

    Raises
    ------
    InputError
        If the file's name has a colon, which Spark's file system takes for the end of a scheme.
    """
    if ":" in Path(path).name:
        raise InputError(f"{path}: Spark reads no file with a colon in its name; deliver it under another one")
    return _PATTERN.sub(r"\\\1", str(path))
