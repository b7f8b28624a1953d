"""Where everything that a deployment writes is kept, below ``NIGHTJAR_HOME``."""

import os
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o027
"""The umask of everything that is written: files 0640, folders 0750. A lake holds what people did."""


@dataclass(frozen=True)
class Home:
    """Folders of one app; two apps share nothing but the MLflow store, where names keep them apart.

    Attributes
    ----------
    root
        ``NIGHTJAR_HOME``.
    app
        The app.
    """

    root: Path
    app: str

    @property
    def app_folder(self) -> Path:
        """All of the app's files."""
        return self.root / "apps" / self.app

    @property
    def lake(self) -> Path:
        """Tables."""
        return self.app_folder / "lake"

    @property
    def online(self) -> Path:
        """Feast's registry and, by default, the online store."""
        return self.app_folder / "online"

    @property
    def offline(self) -> Path:
        """Feast's sources: links to the current files of each view."""
        return self.app_folder / "offline"

    @property
    def reports(self) -> Path:
        """One folder a night: the report and the Data Docs."""
        return self.app_folder / "reports"

    @property
    def models(self) -> Path:
        """Local copies of model files, by content name."""
        return self.app_folder / "models"

    @property
    def runs(self) -> Path:
        """How each stage ended, a file a date."""
        return self.app_folder / "runs"

    @property
    def running(self) -> Path:
        """Which stages run at this moment, a file each."""
        return self.runs / "running"

    @property
    def mlflow(self) -> Path:
        """MLflow's database and artifacts."""
        return self.root / "mlflow"


def keep_private() -> None:
    """Let this process, and those that it starts, write files that only the owner and the group can read."""
    os.umask(PRIVATE)
