"""Pages of a night's checks, also of those that stopped it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jobs.adapters.lake import Attempt, Lake
from jobs.core.home import Home
from jobs.core.night import Night

CHECKS_FILE = "_checks.json"
"""In an attempt's folder: what was found, as `jobs/adapters/quality/document.py` has it."""


def render_checks(lake: Lake, home: Home, night: Night, refused: Sequence[Attempt] = ()) -> Path:
    """Write a page for each table of the run date that was checked, and their index.

    Parameters
    ----------
    lake, home, night
        Where, and which run date.
    refused
        Attempts that their checks refused; of their tables these are shown, not what is current.

    Returns
    -------
    Path
        The index.
    """
    # Great Expectations takes seconds to import.
    from jobs.adapters.quality.data_docs import render
    from jobs.stages.night_facts import manifests_of

    folders = {manifest.table: lake.attempt_folder(manifest) for manifest in manifests_of(lake, night)}
    folders |= {attempt.table: attempt.folder for attempt in refused}
    documents = [document for _, folder in sorted(folders.items()) if (document := _document(folder))]
    return render(documents, home.reports / str(night.run_date) / "data_docs")


def _document(folder: Path) -> dict[str, Any] | None:
    path = folder / CHECKS_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
