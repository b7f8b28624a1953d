"""Frames that a stage computes once and reads several times."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
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
        Whose they are. The folder's name is free: containers that share a home may count their processes alike.
    """

    home: Home
    stage: str
    _folder: Path | None = None
    _kept: list[Path] = field(default_factory=list)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """The frame, computed once and kept in files: cheaper than Spark's cache."""
        from jobs.adapters.spark.lake_io import keep_in_files

        folder = self.folder() / str(len(self._kept))
        self._kept.append(folder)
        return keep_in_files(frame, folder)

    def folder(self) -> Path:
        """Made when it is asked for first."""
        if self._folder is None:
            parent = self.home.root / "spark"
            parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix=f"scratch-{self.home.app}-{self.stage}-", dir=parent))
        return self._folder

    def clear(self) -> None:
        """Remove what was kept."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
