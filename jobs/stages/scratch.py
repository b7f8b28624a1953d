"""Frames that a stage computes once and reads several times."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from jobs.core.home import Home

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass
class Scratch:
    """Files of one stage run, below the home's `spark/`.

    Attributes
    ----------
    home, stage
        Whose they are, whichever of its threads keeps them. The folder's name is free: containers that share a
        home may count their processes alike.
    """

    home: Home
    stage: str
    _folder: Path | None = None
    _numbers: Iterator[int] = field(default_factory=count)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """The frame, computed once and kept in files: cheaper than Spark's cache."""
        from jobs.adapters.spark.lake_io import keep_in_files

        return keep_in_files(frame, self.folder() / str(next(self._numbers)))

    def folder(self) -> Path:
        """Made when it is asked for first."""
        with self._lock:
            if self._folder is None:
                parent = self.home.root / "spark"
                parent.mkdir(parents=True, exist_ok=True)
                self._folder = Path(tempfile.mkdtemp(prefix=f"scratch-{self.home.app}-{self.stage}-", dir=parent))
            return self._folder

    def clear(self) -> None:
        """Remove what was kept."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
