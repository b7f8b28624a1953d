"""Measures predictions: `make bench-predictions`, or `python -m tests.bench.bench_predictions --help`."""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.bench import predictions_retail, predictions_sample, predictions_speed
from tests.bench.bench_profiles import bench_profiles
from tests.bench.parts import Results, run_parts, show

FILE = "predictions.json"
PARTS = ("online_retail", "sample", "profiles", "speed")


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="data and results [%(default)s]")
    parser.add_argument("--online-retail", type=Path, default=Path("../shared/data/online-retail/by-day"))
    args = parser.parse_args()
    parts: Mapping[str, Callable[[], Results]] = {
        "online_retail": partial(
            predictions_retail.run_online_retail, args.root.resolve(), args.online_retail.resolve()
        ),
        "sample": partial(predictions_sample.run_sample, args.root.resolve()),
        "profiles": partial(bench_profiles, args.root.resolve()),
        "speed": predictions_speed.run_speed,
    }
    show("Predictions", run_parts(parts, args.parts, args.root / FILE), Console())


if __name__ == "__main__":
    main()
