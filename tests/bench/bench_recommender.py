"""Measures the recommender: `make bench-recommender`, or `python -m tests.bench.bench_recommender --help`.

What each part measures, and how to read it, is in docs/performance.md.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.bench import (
    recommender_night,
    recommender_retail,
    recommender_sample,
    recommender_speed,
    recommender_top_k,
)
from tests.bench.figures import RECOMMENDER, write_docs
from tests.bench.parts import Results, run_parts, show


@dataclass(frozen=True)
class Bench:
    """Where the bench works, how often it repeats a night, and where Online Retail's daily files are."""

    root: Path
    repeats: int
    retail: Path
    console: Console


PARTS: Mapping[str, Callable[[Bench], Results]] = {
    "online_retail": lambda bench: recommender_retail.run_online_retail(bench.root, bench.retail),
    "sample": lambda bench: recommender_sample.run_sample(bench.root),
    "als": lambda bench: recommender_speed.run_als(bench.console),
    "spark_als": lambda bench: recommender_speed.run_spark_als(bench.console, bench.root),
    "topk": lambda bench: recommender_top_k.run_top_k(bench.console, bench.root),
    "night_5000x4000": lambda bench: recommender_night.run_night(bench.console, bench.root, bench.repeats),
}


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="[all]")
    parser.add_argument("--repeats", type=int, default=1, help="of the night; the median counts [%(default)s]")
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="data and results [%(default)s]")
    parser.add_argument(
        "--online-retail", type=Path, default=Path("../shared/data/online-retail/by-day"), help="[%(default)s]"
    )
    parser.add_argument("--write-docs", action="store_true", help="write the newest results into docs/performance.md")
    args = parser.parse_args()
    bench = Bench(args.root.resolve(), args.repeats, args.online_retail.resolve(), Console())
    parts = {name: partial(run, bench) for name, run in PARTS.items()}
    results = run_parts(parts, args.parts, args.root / RECOMMENDER.file)
    show("The recommender", results, bench.console)
    if args.write_docs:
        write_docs(RECOMMENDER, results)


if __name__ == "__main__":
    main()
