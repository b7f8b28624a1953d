"""An app that meets dirt: every rule of cleaning is on, with limits that a test can reach."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.schemas import EVENTS, LEDGER, QUARANTINE
from jobs.core.table import Table
from jobs.stages.catalog import stage_named
from jobs.stages.runner import run_stage

APP = "dirty"
DAY = date(2025, 3, 3)
BEFORE = date(2025, 2, 24)
"""The same weekday a week before: what the volume of `DAY` is compared with."""

FIELDS = ("id", "type", "ts", "user", "anon", "device", "item", "price", "currency", "qty", "value", "dwell", "query",
          "pos", "chance", "schema", "app")  # fmt: skip
GOOD = {"type": "view", "ts": "2025-03-03T10:00:00Z", "user": "u1", "item": "i1"}

COLUMNS = {
    "event_id": "id",
    "event_type": "type",
    "event_time": "ts",
    "user_id": "user",
    "anonymous_id": "anon",
    "device_id": "device",
    "item_id": "item",
    "price": "price",
    "currency": "currency",
    "quantity": "qty",
    "value": "value",
    "dwell_ms": "dwell",
    "search_query": "query",
    "position": "pos",
    "propensity": "chance",
    "schema_version": "schema",
}
TYPES = ("view", "search", "purchase", "refund", "sign_in", "impression")

LOG: dict[str, Any] = {
    "name": "app",
    "format": "jsonlines",
    "extension": "jsonl",
    "max_late_days": 2,
    "columns": COLUMNS,
    "event_types": {name: name for name in TYPES},
    "not_products": "^POST$",
    "test_traffic": {"user_id": "^test-"},
    "max_schema_version": 3,
}
OTHER_APP = {"column": "app", "matches": "^other$", "drop": True}

SETTINGS: dict[str, Any] = {
    "app": APP,
    "schedule": {"time_zone": "UTC", "first_day": DAY},
    "clean": {
        "near_duplicate_ms": 1000,
        "bots": {"max_events": 60, "max_items": 40, "min_events": 20, "min_pause_deviation": 0.1},
    },
    "spark": {"master": "local[2]", "driver_memory": "2g", "shuffle_partitions": 2},
}


class DirtyApp:
    """The app in folders of its own.

    Parameters
    ----------
    root
        Holds configuration, log and home; the environment has to name `conf` and `home`.
    sections
        What differs from `SETTINGS` in the app's file.
    log
        What differs from `LOG`.
    """

    def __init__(self, root: Path, sections: Mapping[str, Any] | None = None, **log: Any) -> None:
        self.log = root / "log"
        self.home = Home(root / "home", APP)
        self.log.mkdir(parents=True)
        (root / "conf" / "apps").mkdir(parents=True)
        base = Path(__file__).resolve().parents[2] / "conf"
        for name in ("base.yaml", "local.yaml"):
            (root / "conf" / name).write_text((base / name).read_text())
        told = {**SETTINGS, "log": {**LOG, "path": str(self.log), **log}, **(sections or {})}
        (root / "conf" / "apps" / f"{APP}.yaml").write_text(yaml.safe_dump(told))

    def put(self, content: bytes, name: str = f"{DAY}.jsonl") -> Path:
        """A file of the log."""
        path = self.log / name
        path.write_bytes(content)
        return path

    def run(self, *stages: str, day: date = DAY) -> None:
        """Run stages of one night."""
        settings = load_settings(APP)
        for stage in stages or ("ingest_events", "clean_events"):
            run_stage(stage_named(stage), Night(settings, day, day))

    def read(self, table: Table, day: date = DAY) -> Any:
        """A partition as pandas."""
        lake = Lake(self.home.lake)
        return read_pandas(lake, table, lake.require(table.name, day, "test"))

    def ledger(self, source: str = LOG["name"]) -> Counter[str]:
        """Rows of a log by place, and by reason where there is one: `clean`, `quarantined bad_time`, ..."""
        found = self.read(LEDGER)
        found = found[found["source"] == source]
        return Counter(
            {
                f"{place} {reason}".strip(): int(rows)
                for place, reason, rows in zip(found["place"], found["reason"], found["n_rows"], strict=True)
            }
        )

    def clean_ids(self) -> set[str]:
        """Ids of the day's events."""
        return set(self.read(EVENTS)["event_id"])

    def quarantined(self) -> list[tuple[str, str]]:
        """Reason and text of every row in quarantine."""
        found = self.read(QUARANTINE)
        return list(zip(found["reason"], found["raw"], strict=True))


def row(name: str, **changed: object) -> dict[str, object]:
    """A good row under the id `name` with some fields changed; None leaves a field out."""
    told = {"id": name, **GOOD, **changed}
    return {field: value for field, value in told.items() if value is not None}


def line(name: str, **changed: object) -> str:
    """The row as JSON."""
    return json.dumps(row(name, **changed), ensure_ascii=False)


def lines(texts: Iterable[str]) -> bytes:
    """A file of these lines."""
    return "".join(f"{text}\n" for text in texts).encode()


def good_lines(count: int, day: date = DAY) -> list[str]:
    """Rows of as many users, a minute apart, the last one late in the evening."""
    moments = [f"{day}T{10 + number // 60:02d}:{number % 60:02d}:00Z" for number in range(count - 1)]
    return [
        line(f"good-{number}", ts=ts, user=f"g{number}") for number, ts in enumerate([*moments, f"{day}T22:00:00Z"])
    ]
