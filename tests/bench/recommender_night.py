"""The recommender's part of a night for 5,000 users and 4,000 items: three processes on a prepared home."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.marker import is_unchanged
from jobs.sample.parameters import Parameters
from tests.bench.night import BenchApp, peak_gib, profile_logs, seconds
from tests.bench.processes import Measured

SAMPLE = Parameters(users=5_000, items=4_000, days=75)
BEFORE = ("ingest_events", "clean_events", "build_features", "train_predictions")
STAGES = ("train_recommender", "promote_models", "recommend")


def run_night(console: Console, root: Path, repeats: int) -> dict[str, Any]:
    """Seconds of the stages that train, judge and list; what they read is made before and not counted."""
    app, day = _prepared(console, root)
    nights: list[dict[str, Measured]] = []
    for _ in range(repeats):
        console.print(f"the recommender's part of a night: {SAMPLE.users:,} users, {SAMPLE.items:,} items")
        nights.append({stage: app.run(stage, "--date", str(day), "--again") for stage in STAGES})
    return {
        "night_5000x4000_seconds": median(map(seconds, nights)),
        "night_5000x4000_peak_gib": max(map(peak_gib, nights)),
        **{f"night_5000x4000_{stage}_seconds": median(night[stage].seconds for night in nights) for stage in STAGES},
    }


def _prepared(console: Console, root: Path) -> tuple[BenchApp, date]:
    """The app with everything that a night has done before it trains."""
    folders = Folders(log=root / "recommender-log", truth=root / "recommender-log-truth")
    if not is_unchanged(folders, SAMPLE):
        console.print(f"writing {SAMPLE.days} days of {SAMPLE.users:,} users")
        generate(SAMPLE, folders)
    first, day = SAMPLE.date_of(0), SAMPLE.date_of(SAMPLE.days - 1)
    app = BenchApp(
        root / "work" / "recommender-night", folders.log, "jsonlines", first, {"logs": profile_logs(folders)}
    )
    shutil.rmtree(app.root, ignore_errors=True)
    app.make()
    console.print(f"back-fill of {SAMPLE.days - 1} days")
    app.run("backfill", "--from", str(first), "--to", str(day - timedelta(1)), "--tables-only")
    for stage in BEFORE:
        app.run(stage, "--date", str(day))
    return app, day
