"""Measures the event foundation: `make bench-events`, or `python -m tests.bench.bench_events --help`.

What each part measures, and how to read it, is in docs/performance.md.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.marker import is_unchanged
from jobs.sample.parameters import Parameters
from tests.bench.cluster import running_cluster
from tests.bench.events_data import DAY, make_day
from tests.bench.figures import EVENTS, write_docs
from tests.bench.night import BenchApp, peak_gib, seconds
from tests.bench.parts import Results, run_parts, show
from tests.bench.processes import Measured, measure

MILLION = 1_000_000
FIXED_EVENTS = 1_000
CLUSTER_EVENTS = MILLION
LEAST_AGAIN = 3
"""Runs of a night after a history; the median of fewer says little."""

HISTORY = Parameters(users=20_000, items=5_000, days=367)
HISTORY_DAYS = (30, 365)
"""The night is of one day in both cases: only what lies before it differs."""

SAME_ROWS = ("events", "sessions", "user_daily", "user_item_daily", "item_daily", "context_item_daily",
             "user_activity", "item_popularity", "user_item_affinity")  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """Where the bench works, and how often it repeats."""

    root: Path
    repeats: int
    console: Console

    def app(self, name: str, source: Path, form: str, first_day: date = DAY, **overrides: Any) -> BenchApp:
        """An app with an empty home."""
        app = BenchApp(self.root / "work" / name, source, form, first_day, overrides)
        app.make()
        return app

    def night(self, name: str, events: int, form: str) -> tuple[BenchApp, dict[str, Measured]]:
        """One night of a made day, from an empty home."""
        self.console.print(f"ours: {events:,} events, {form}")
        source = make_day(self.root, events, "parquet" if form == "parquet" else "jsonl")
        app = self.app(name, source, form)
        return app, app.run_night(DAY)

    def duckdb(self, events: int) -> tuple[Measured, Results]:
        """The same day by hand in DuckDB, and what it counted."""
        self.console.print(f"DuckDB: {events:,} events")
        out = self.root / "work" / "duckdb"
        shutil.rmtree(out, ignore_errors=True)
        source = make_day(self.root, events, "parquet")
        command = [sys.executable, "-m", "tests.bench.events_duckdb", str(source), str(out)]
        done = measure(command, os.environ, self.root / "work" / "duckdb.log")
        return done, json.loads(done.output)


def run_fixed(bench: Bench) -> Results:
    """The same processes on a day of a thousand events: what starting them costs."""
    nights = [bench.night("fixed", FIXED_EVENTS, "parquet")[1] for _ in range(max(LEAST_AGAIN, bench.repeats))]
    return {"fixed_seconds": median(seconds(night) for night in nights)}


def run_20m(bench: Bench) -> Results:
    """Twenty million events in Parquet, and DuckDB beside it, one after the other in turn."""
    ours, theirs, differences = [], [], {}
    for _ in range(bench.repeats):
        app, night = bench.night("20m", 20 * MILLION, "parquet")
        by_hand, counted = bench.duckdb(20 * MILLION)
        ours.append(night)
        theirs.append(by_hand)
        differences = _differences(app, counted)
        shutil.rmtree(app.root / "home", ignore_errors=True)
    shutil.rmtree(bench.root / "work" / "duckdb", ignore_errors=True)
    total, by_hand_total = median(map(seconds, ours)), median(run.seconds for run in theirs)
    return {
        "seconds_20m": total,
        "peak_gib_20m": max(map(peak_gib, ours)),
        "duckdb_seconds_20m": by_hand_total,
        "duckdb_peak_gib_20m": max(run.peak_gib for run in theirs),
        "ratio_to_duckdb": total / by_hand_total,
        "differences_to_duckdb": differences,
        **{f"{stage}_seconds_20m": median(night[stage].seconds for night in ours) for stage in ours[0]},
    }


def _differences(app: BenchApp, counted: Results) -> dict[str, str]:
    """Counts on which the two sides do not agree, as `ours / theirs`; both did the same work where there are none."""
    ours = {**app.ledger(DAY), **{name: app.rows(name, DAY) for name in SAME_ROWS}}
    theirs = {**counted["ledger"], **{name: counted["rows"][name] for name in SAME_ROWS}}
    names = sorted({*ours, *theirs})
    return {name: f"{ours.get(name)} / {theirs.get(name)}" for name in names if ours.get(name) != theirs.get(name)}


def run_jsonlines(bench: Bench) -> Results:
    """The same day as JSON lines."""
    nights = []
    for _ in range(bench.repeats):
        app, night = bench.night("jsonlines", 20 * MILLION, "jsonlines")
        nights.append(night)
        shutil.rmtree(app.root / "home", ignore_errors=True)
    return {
        "jsonlines_seconds_20m": median(map(seconds, nights)),
        "jsonlines_peak_gib_20m": max(map(peak_gib, nights)),
    }


def run_scale(bench: Bench) -> Results:
    """A quarter of the events; compared with the whole by `_derived`."""
    nights = [bench.night("5m", 5 * MILLION, "parquet")[1] for _ in range(bench.repeats)]
    return {"seconds_5m": median(map(seconds, nights)), "peak_gib_5m": max(map(peak_gib, nights))}


def run_history(bench: Bench) -> Results:
    """One night after a month and after a year, in turn and on the same input."""
    source = _make_history(bench)
    day = HISTORY.date_of(HISTORY.days - 1)
    apps = {}
    for days in HISTORY_DAYS:
        first = day - timedelta(days)
        bench.console.print(f"back-fill of {days} days")
        apps[days] = bench.app(f"history-{days}", source, "jsonlines", first)
        apps[days].run("backfill", "--from", str(first), "--to", str(day - timedelta(1)), "--tables-only")
    again: dict[int, list[float]] = {days: [] for days in HISTORY_DAYS}
    for _ in range(max(LEAST_AGAIN, bench.repeats)):
        for days, app in apps.items():
            again[days].append(seconds(app.run_night(day, "--again")))
    medians = {days: median(found) for days, found in again.items()}
    return {
        **{f"night_seconds_after_{days}_days": found for days, found in medians.items()},
        "night_365_over_30_days": medians[365] / medians[30],
    }


def _make_history(bench: Bench) -> Path:
    folders = Folders(log=bench.root / "history", truth=bench.root / "history-truth")
    if not is_unchanged(folders, HISTORY):
        bench.console.print(f"writing {HISTORY.days} days of {HISTORY.users:,} users")
        generate(HISTORY, folders)
    return folders.log


def run_cluster(bench: Bench) -> Results:
    """Digests of every table of a night on two workers of a standalone cluster, beside those of local mode."""
    local, _ = bench.night("local", CLUSTER_EVENTS, "parquet")
    source = make_day(bench.root, CLUSTER_EVENTS, "parquet")
    with running_cluster(bench.root / "work" / "cluster-logs") as master:
        bench.console.print(f"ours: {CLUSTER_EVENTS:,} events on {master}")
        spark = {"master": master, "extra": {"spark.executor.memory": "2g"}}
        far = bench.app("cluster", source, "parquet", spark=spark)
        far.run_night(DAY)
    here, there = local.digests(DAY), far.digests(DAY)
    different = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    return {
        "cluster_tables": len(here),
        "cluster_tables_that_differ": different,
        "cluster_same_digests": not different,
    }


PARTS: Mapping[str, Callable[[Bench], Results]] = {
    "fixed": run_fixed,
    "20m": run_20m,
    "jsonlines": run_jsonlines,
    "scale": run_scale,
    "history": run_history,
    "cluster": run_cluster,
}


def _derived(results: Results) -> Results:
    """What follows from several parts: seconds per million without the fixed cost."""
    if not {"fixed_seconds", "seconds_20m", "seconds_5m"} <= set(results):
        return {}
    per_million = {n: (results[f"seconds_{n}m"] - results["fixed_seconds"]) / n for n in (5, 20)}
    return {
        **{f"seconds_per_million_{n}m": found for n, found in per_million.items()},
        "seconds_per_million_20m_over_5m": per_million[20] / per_million[5],
    }


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="[all]")
    parser.add_argument("--repeats", type=int, default=1, help="of each night; the median counts [%(default)s]")
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="data and results [%(default)s]")
    parser.add_argument("--write-docs", action="store_true", help="write the newest results into docs/performance.md")
    args = parser.parse_args()
    bench = Bench(args.root.resolve(), args.repeats, Console())
    parts = {name: partial(run, bench) for name, run in PARTS.items()}
    results = run_parts(parts, args.parts, args.root / EVENTS.file, _derived)
    show("The event foundation", results, bench.console)
    if args.write_docs:
        write_docs(EVENTS, results)


if __name__ == "__main__":
    main()
