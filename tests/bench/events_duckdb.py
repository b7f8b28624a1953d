"""The same night by hand in DuckDB: `python -m tests.bench.events_duckdb <folder of the day> <its own folder>`.

It reads the limits and weights from the app's settings, so that both sides judge alike, and prints its counts and
seconds as JSON. It starts from an empty yesterday and keeps no digests and no manifests.
"""

import json
import re
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from string import Template

import duckdb

from jobs.core.config import load_settings
from jobs.core.config.model import Settings
from tests.bench.events_data import DAY

THREADS = 2
MEMORY = "9GB"
SQL = Path(__file__).with_suffix(".sql")
HOURS = 24
WEEKDAYS = 7
COUNTED = ("ledger", "events", "sessions", "user_daily", "user_item_daily", "item_daily", "context_item_daily",
           "user_activity", "item_popularity", "user_item_affinity")  # fmt: skip


def run(source: Path, out: Path) -> dict[str, object]:
    """Run every step; answers seconds by step, rows by table, the ledger, and what the checks found."""
    out.mkdir(parents=True)
    raw = Path(shutil.copy(source / f"{DAY}.parquet", out / "raw.parquet"))
    values = {"input": str(raw), "out": str(out), **_values(load_settings("sample"))}
    seconds: dict[str, float] = {}
    with duckdb.connect(
        str(out / "work.duckdb"),
        config={"threads": THREADS, "memory_limit": MEMORY, "preserve_insertion_order": False},
    ) as connection:
        for name, sql in _steps(Template(SQL.read_text()).substitute(values)):
            start = time.monotonic()
            connection.execute(sql)
            connection.fetchall()
            seconds[name] = round(time.monotonic() - start, 2)
        return {"seconds": seconds, **_counts(connection, out)}


def _steps(text: str) -> list[tuple[str, str]]:
    parts = re.split(r"^-- step: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _values(settings: Settings) -> dict[str, object]:
    """What the SQL leaves open, from the settings of the sample app."""
    clean, events = settings.clean, settings.events
    log = next(log for log in settings.sources.values() if log.kind == "events")
    return {
        "day": DAY,
        "types": _texts(log.event_types),
        "needs_item": _texts(events.needs_item),
        "intents": _texts(events.intent),
        "weights": " ".join(f"WHEN '{name}' THEN {weight}" for name, weight in sorted(events.weights.items())),
        "max_late_days": log.max_late_days,
        "max_price": clean.max_price,
        "max_quantity": clean.max_quantity,
        "max_dwell_ms": clean.max_dwell_ms,
        "session_gap": clean.session_gap_minutes,
        "bot_max_events": clean.bots.max_events,
        "bot_max_items": clean.bots.max_items,
        "bot_min_events": clean.bots.min_events,
        "bot_min_deviation": clean.bots.min_pause_deviation,
        "affinity_items": settings.features.affinity_items,
        "hours": ", ".join(f"count(*) FILTER (hour(event_time) = {hour})" for hour in range(HOURS)),
        "hours_summed": ", ".join(f"sum(hours[{hour + 1}])::BIGINT" for hour in range(HOURS)),
        "weekdays": ", ".join(
            f"coalesce(sum(user_daily.n_events) FILTER (isodow(event_day) = {day + 1}), 0)::BIGINT"
            for day in range(WEEKDAYS)
        ),
    }


def _texts(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _counts(connection: duckdb.DuckDBPyConnection, out: Path) -> dict[str, object]:
    def ask(sql: str) -> list[tuple[object, ...]]:
        return connection.execute(sql).fetchall()

    return {
        "rows": {name: ask(f"SELECT count(*) FROM '{out / name}.parquet'")[0][0] for name in COUNTED},
        "ledger": {
            f"{place} {reason}".strip(): rows
            for place, reason, rows in ask("SELECT place, reason, n_rows FROM ledger ORDER BY ALL")
        },
        "failed_checks": ask("SELECT * FROM checks WHERE nulls + broken + repeated > 0 ORDER BY ALL"),
    }


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout, indent=1, default=str)
