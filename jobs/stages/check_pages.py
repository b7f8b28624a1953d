"""Pages of a night's checks, also of those that stopped it."""

import json
from collections.abc import Sequence
from datetime import date
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


def failed_checks(lake: Lake, table: str, day: date) -> frozenset[str] | None:
    """Names of the checks that failed in the newest attempt of a date; None where no attempt was checked.

    Of an attempt of a back-fill they may have failed on another of its dates.
    """
    folders = sorted((path.parent for path in (lake.root / table / "data").glob(f"*/run_date={day}")), reverse=True)
    document = next((found for folder in folders if (found := _document(folder))), None)
    if document is None:
        return None
    failed = (one["expectation_config"]["meta"]["name"] for one in document["results"] if not one["success"])
    return frozenset(failed)


def _document(folder: Path) -> dict[str, Any] | None:
    path = folder / CHECKS_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
