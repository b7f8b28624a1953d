"""Measures whole nights: `make bench-night`, or `python -m tests.bench.bench_night --help`.

What each part measures, and how to read it, is in docs/performance.md.
"""

import argparse
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from jobs.sample.parameters import Parameters
from tests.bench.night_log import BASE, make_log
from tests.bench.night_whole import Night, figures
from tests.bench.parts import Results, run_parts, show

FILE = "night.json"

COPIES = {"10k": 1, "100k": 10, "1m": 100}
"""Of the base's ten thousand users, by name of the scale."""


@dataclass(frozen=True)
class Bench:
    """Where the bench works, and what its logs are copied from."""

    root: Path
    console: Console
    base: Parameters = BASE

    def night(self, name: str, scale: str, **variables: str) -> Night:
        """An app of a scale with its past, in a folder of its own."""
        log = make_log(self.root, COPIES[scale], self.base)
        self.console.print(f"{name}: {log.events:,} events in {self.base.days} days")
        night = Night.of(self.root / "work" / name, log, variables)
        past = night.make_past()
        self.console.print(f"{name}: past made in {past.seconds:,.0f} s")
        return night


def run_scale(scale: str, bench: Bench) -> Results:
    """A whole night of a scale."""
    night = bench.night(f"night-{scale}", scale)
    found = {**figures(night.run()), **night.sizes()}
    shutil.rmtree(night.app.root, ignore_errors=True)
    return {f"night_{scale}_{name}": value for name, value in found.items()}


PARTS: Mapping[str, Callable[[Bench], Results]] = {scale: partial(run_scale, scale) for scale in COPIES}


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="[all]")
    parser.add_argument("--users", type=int, default=BASE.users, help="of the base that is copied [%(default)s]")
    parser.add_argument(
        "--results", type=Path, default=Path("build/bench"), help="where figures go [%(default)s]"
    )
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="folder of the data [%(default)s]")
    args = parser.parse_args()
    bench = Bench(args.root.resolve(), Console(), Parameters(args.users, BASE.items, BASE.days))
    parts = {name: partial(run, bench) for name, run in PARTS.items()}
    show("Nights", run_parts(parts, args.parts, args.results / FILE), bench.console)


if __name__ == "__main__":
    main()
