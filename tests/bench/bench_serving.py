"""Measures publishing and reading: `make bench-serving`, or `python -m tests.bench.bench_serving --help`.

What each part measures, and how to read it, is in docs/performance.md.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.bench.parts import Results, run_parts, show
from tests.bench.serving import http, publish, publish_spark, read

FILE = "serving.json"

PARTS: Mapping[str, Callable[[Path, int], Results]] = {
    "publish_sqlite": lambda root, users: publish.run_publish(root, "sqlite", users),
    "publish_redis": lambda root, users: publish.run_publish(root, "redis", users),
    "publish_spark": publish_spark.run_spark,
    "publish_memory": lambda root, _users: publish.run_memory(root),
    "read": lambda _root, _users: dict(read.run()),
    "http": lambda _root, _users: dict(http.run()),
}


def main() -> None:
    """Run the parts asked for; results of other parts stay as they were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="[all]")
    parser.add_argument("--users", type=int, default=publish.USERS, help="of a publish [%(default)s]")
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="data and results [%(default)s]")
    args = parser.parse_args()
    parts = {name: partial(run, args.root.resolve(), args.users) for name, run in PARTS.items()}
    show("Serving", run_parts(parts, args.parts, args.root / FILE), Console())


if __name__ == "__main__":
    main()
