"""Opens a text file of a log, gzipped or not."""

import gzip
from pathlib import Path
from typing import IO

GZIP = ".gz"
"""Ending of a file that is unpacked while it is read."""


def open_text(path: Path) -> IO[str]:
    """The file's text; a byte order mark at its beginning is left out."""
    opener = gzip.open if path.name.endswith(GZIP) else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
