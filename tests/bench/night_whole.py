"""A whole night as processes, stage by stage, after the shortest past on which every model trains."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.datasets.tables import table_named
from jobs.stages.catalog import STAGES
from jobs.stages.order import in_order
from tests.bench.night import BenchApp, peak_gib, profile_logs, seconds
from tests.bench.night_log import NightLog
from tests.bench.parts import Results
from tests.bench.processes import GIB, Measured

STAGES_OF_NIGHT = tuple(stage.name for stage in in_order(STAGES.values()) if stage.name != "withdraw")

TEN_DAYS = {
    # Windows close within ten days: as many cuts and fits as in a usual night, each of fewer days.
    "NIGHTJAR__LOG__MAX_LATE_DAYS": "1",
    "NIGHTJAR__RECOMMENDER__HORIZON_DAYS": "1",
    "NIGHTJAR__CHURN__HORIZON_DAYS": "1",
    "NIGHTJAR__CHURN__CUT_STEP_DAYS": "1",
    "NIGHTJAR__PREDICTIONS__CONVERSION__HORIZON_DAYS": "1",
    "NIGHTJAR__PREDICTIONS__VALUE__HORIZON_DAYS": "1",
    "NIGHTJAR__PREDICTIONS__RETURN_VISIT__DAYS": "[1, 2, 3]",
    # Twenty items a list, in the lake as online.
    "NIGHTJAR__LISTS__LAKE_ITEMS": "20",
}


@dataclass(frozen=True)
class Night:
    """One app with a past, whose night can be run stage by stage.

    Attributes
    ----------
    app
        Its home.
    log
        What it reads.
    """

    app: BenchApp
    log: NightLog

    @classmethod
    def of(cls, root: Path, log: NightLog, variables: Mapping[str, str] | None = None) -> "Night":
        """An app with nothing yet; what stands in the folder is removed."""
        late = {"max_late_days": int(TEN_DAYS["NIGHTJAR__LOG__MAX_LATE_DAYS"])}
        told = {"logs": {name: {**of, **late} for name, of in profile_logs(log.folders).items()}}
        app = BenchApp(root, log.folders.log, "parquet", log.first, told, {**TEN_DAYS, **(variables or {})})
        app.make()
        return cls(app, log)

    def make_past(self) -> Measured:
        """All tables up to the day before the night, in one go."""
        last = self.log.night - timedelta(1)
        return self.app.run("backfill", "--from", str(self.log.first), "--to", str(last), "--tables-only")

    def run(self) -> dict[str, Measured]:
        """Every stage, a process each, one after the other."""
        return {stage: self.run_stage(stage) for stage in STAGES_OF_NIGHT}

    def run_stage(self, stage: str, *flags: str) -> Measured:
        """One stage."""
        return self.app.run(stage, "--date", str(self.log.night), *flags)

    def sizes(self) -> Results:
        """Users, events and what is kept, by name."""
        rows = read_pandas(
            self.app.lake,
            table_named("user_activity"),
            self.app.lake.require("user_activity", self.log.night, "build_features"),
            ["days_since_event"],
        )
        active = rows["days_since_event"] < load_settings("sample").activity.days
        return {
            "users": len(rows),
            "active_users": int(active.sum()),
            "events": self.log.events,
            "day_events": self.app.rows("events", self.log.night),
            "listed_rows": self.app.rows("recommendations", self.log.night),
            "store_gib": _gib(self.app.home.online),
            "lake_gib": _gib(self.app.home.lake),
        }


def figures(night: Mapping[str, Measured]) -> Results:
    """Seconds and memory of the whole and of each stage."""
    total = seconds(night)
    return {
        "seconds": total,
        "minutes": total / 60,
        "peak_gib": peak_gib(night),
        **{f"{stage}_seconds": found.seconds for stage, found in night.items()},
        **{f"{stage}_peak_gib": found.peak_gib for stage, found in night.items()},
    }


def _gib(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / GIB
