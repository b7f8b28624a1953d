"""The sample app on a generated log, in folders of its own and with few Spark partitions."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.core.config import load_settings
from jobs.core.config.load import project_folder
from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.parameters import Parameters

APP = "generated"


def write_sample(root: Path, parameters: Parameters) -> Path:
    """Generate a log below `root`; answers its folder."""
    folders = Folders(log=root / "log", truth=root / "truth")
    generate(parameters, folders)
    return folders.log


def use_app(root: Path, log: Path, patch: pytest.MonkeyPatch, **changed: Any) -> None:
    """Write the app's configuration below `root` and let the environment name it and an empty home.

    Parameters
    ----------
    root
        Folder that does not exist yet.
    log
        Folder or file of the log.
    changed
        What differs in its log section.
    """
    conf, base = root / "conf", project_folder() / "conf"
    (conf / "apps").mkdir(parents=True)
    patch.delenv("NIGHTJAR_CONF", raising=False)
    events = next(log for log in load_settings("sample").sources.values() if log.kind == "events")
    for name in ("base.yaml", "local.yaml"):
        (conf / name).write_text((base / name).read_text())
    told = yaml.safe_load((base / "apps" / "sample.yaml").read_text())
    shared = {key: told[key] for key in ("schedule", "churn") if key in told}
    settings = {
        "app": APP,
        **shared,
        "log": {**json.loads(events.model_dump_json()), "path": str(log), **changed},
        "spark": {"master": "local[2]", "driver_memory": "2g", "shuffle_partitions": 2},
    }
    (conf / "apps" / f"{APP}.yaml").write_text(yaml.safe_dump(settings))
    patch.setenv("NIGHTJAR_CONF", str(conf))
    patch.setenv("NIGHTJAR_HOME", str(root / "home"))
