"""Parts of a bench: run one by one, their results kept beside those of the others, and shown."""

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Results = dict[str, Any]
"""Figures by name; a name with dots says where a figure belongs."""


def run_parts(
    parts: Mapping[str, Callable[[], Results]],
    asked: Iterable[str],
    file: Path,
    derive: Callable[[Results], Results] = lambda _: {},
) -> Results:
    """Run the parts asked for, in their own order; results of other parts stay as they were measured.

    Parameters
    ----------
    parts
        What measures, by name.
    asked
        Names of parts.
    file
        Where results are kept; written after each part.
    derive
        What follows from several parts.
    """
    wanted = set(asked)
    results: Results = read_results(file) if file.is_file() else {}
    for name, run in parts.items():
        if name in wanted:
            results |= run()
            results |= {**derive(results), **_machine()}
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(results, indent=1) + "\n")
    return results


def read_results(file: Path) -> Results:
    """Figures by their names; a name with dots is one flat key."""
    results: Results = json.loads(file.read_text())
    return results


def show(title: str, results: Results, console: Console) -> None:
    """Print a table of all figures."""
    table = Table(title=title)
    table.add_column("what")
    table.add_column("value", justify="right")
    for name, value in results.items():
        table.add_row(name, f"{value:,.3f}" if isinstance(value, float) else str(value))
    console.print(table)


def _machine() -> Results:
    return {"machine_cores": os.cpu_count(), "machine": platform.machine(), "system": platform.system()}
