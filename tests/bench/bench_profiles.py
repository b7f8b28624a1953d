"""Measures what a night says of users: `make bench-profiles`, or `python -m tests.bench.bench_profiles --help`.

`bench_profiles` gives the figures by name, for a bench that measures predictions beside them.
"""

import argparse
from pathlib import Path

from rich.console import Console

from tests.bench.parts import Results, run_parts, show
from tests.bench.profiles_sample import run_sample

FILE = "profiles.json"


def bench_profiles(root: Path) -> Results:
    """Figures of the sample, names with dots.

    Parameters
    ----------
    root
        Folder for data and results; what is there of the sample is made anew only where it differs.
    """
    return run_sample(root)


def main() -> None:
    """Measure, and keep the figures in a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path("build/bench"), help="data and results [%(default)s]")
    args = parser.parse_args()
    results = run_parts({"sample": lambda: bench_profiles(args.root.resolve())}, ["sample"], args.root / FILE)
    show("Profiles of users", results, Console())


if __name__ == "__main__":
    main()
