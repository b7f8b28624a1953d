"""Measures whole nights: `make bench-night`, or `python -m tests.bench.bench_night --help`.

What each part measures, and how to read it, is in docs/performance.md.
"""

import argparse
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from jobs.sample.parameters import Parameters
from tests.bench.figures import NIGHT
from tests.bench.night import BenchApp
from tests.bench.night_log import BASE, make_log
from tests.bench.night_redis import run_redis
from tests.bench.night_whole import TEN_DAYS, Night, figures
from tests.bench.night_workers import run_workers
from tests.bench.parts import Results, run_parts, show
from tests.bench.same_outputs.sides import run_sides

COPIES = {"10k": 1, "100k": 10, "1m": 100}
"""Of the base's ten thousand users, by name of the scale."""

COMPARED = "100k"
"""Scale of the parts that compare."""

PUBLISHED = "10k"
"""Scale of the night whose users are put into Redis: what one of them takes does not depend on how many there are."""


@dataclass(frozen=True)
class Bench:
    """Where the bench works, how often it repeats what it compares, and what its logs are copied from.

    `made` is the folder of an app whose night has run, which part `redis` publishes in place of a new one.
    """

    root: Path
    repeats: int
    console: Console
    base: Parameters = BASE
    made: Path | None = None

    @contextmanager
    def night(self, name: str, scale: str) -> Iterator[Night]:
        """An app of a scale with its past, in a folder of its own that goes at the end."""
        log = make_log(self.root, COPIES[scale], self.base)
        self.console.print(f"{name}: {log.events:,} events in {self.base.days} days")
        night = Night.of(self.root / "work" / name, log)
        past = night.make_past()
        self.console.print(f"{name}: past made in {past.seconds:,.0f} s")
        yield night
        shutil.rmtree(night.app.root, ignore_errors=True)


def run_scale(scale: str, bench: Bench) -> Results:
    """A whole night of a scale."""
    with bench.night(f"night-{scale}", scale) as night:
        found = {**figures(night.run()), **night.sizes()}
    return _named(scale, found)


def run_on_workers(bench: Bench) -> Results:
    """A night in local mode, and then what workers share of it on one, two and four of them."""
    with bench.night("night-workers", COMPARED) as night:
        night.run()
        return _named(COMPARED, run_workers(night))


def run_stock(bench: Bench) -> Results:
    """Stock parts in turn with ours, for the same outputs."""
    with bench.night("night-stock", COMPARED) as night:
        return _named(COMPARED, run_sides(night, bench.repeats))


def run_into_redis(bench: Bench) -> Results:
    """What a user of a night takes in Redis."""
    if bench.made:
        base = bench.base
        app = BenchApp(bench.made, bench.made / "no-log", "parquet", base.first_day, variables=TEN_DAYS)
        return _of_no_scale(run_redis(app, base.date_of(base.days - 1)))
    with bench.night("night-redis", PUBLISHED) as night:
        night.run()
        return _of_no_scale(run_redis(night.app, night.log.night))


def _of_no_scale(found: Results) -> Results:
    return {f"night_{name}": value for name, value in found.items()}


def _named(scale: str, found: Results) -> Results:
    return {f"night_{scale}_{name}": value for name, value in found.items()}


PARTS: Mapping[str, Callable[[Bench], Results]] = {
    **{scale: partial(run_scale, scale) for scale in COPIES},
    "workers": run_on_workers,
    "stock": run_stock,
    "redis": run_into_redis,
}


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="[all]")
    parser.add_argument("--repeats", type=int, default=1, help="of both sides of `stock` [%(default)s]")
    parser.add_argument("--users", type=int, default=BASE.users, help="of the base that is copied [%(default)s]")
    parser.add_argument("--results", type=Path, default=Path("build/bench"), help="where figures go [%(default)s]")
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="folder of the data [%(default)s]")
    parser.add_argument("--made", type=Path, help="folder of an app whose night has run: `redis` publishes it [none]")
    args = parser.parse_args()
    base = Parameters(args.users, BASE.items, BASE.days)
    made = args.made.resolve() if args.made else None
    bench = Bench(args.root.resolve(), args.repeats, Console(), base, made)
    parts = {name: partial(run, bench) for name, run in PARTS.items()}
    show("Nights", run_parts(parts, args.parts, args.results / NIGHT.file), bench.console)


if __name__ == "__main__":
    main()
