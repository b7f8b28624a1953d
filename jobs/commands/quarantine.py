"""`nightjar quarantine`: how many rows of a date were refused, why, and what they look like."""

import argparse
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from jobs.adapters.lake import Attempt, Lake
from jobs.adapters.lake.arrow import read_attempt, read_pandas
from jobs.adapters.quality.privacy import PERSONAL, shown
from jobs.commands.arguments import add_date, settings_of
from jobs.core.config import Settings, home_folder
from jobs.core.config.nearest import nearest
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.core.schemas import LEDGER, QUARANTINE
from jobs.core.visible import visible

EXAMPLES = """examples:
  nightjar quarantine --app sample --date 2025-03-01
  nightjar quarantine --app sample --date 2025-03-01 --reason bad_price --examples 10 --show-values

`nightjar explain-row --row TEXT` says more of one of them.
"""

# Longer rows are cut: an example is looked at, not read by a program.
MAX_LENGTH = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, the date and what to show."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    add_date(parser)
    parser.add_argument("--reason", help="only this reason")
    parser.add_argument(
        "--examples", type=_count, default=3, metavar="N", help="rows to show per reason [%(default)s]"
    )
    parser.add_argument("--show-values", action="store_true", help="show ids of people as they are, not as hashes")


def run(args: argparse.Namespace) -> int:
    """Print counts, then examples."""
    settings = settings_of(args)
    lake = Lake(Home(home_folder(), settings.app).lake)
    aside = lake.newer_attempt(LEDGER.name, args.date)
    ledger = _ledger(lake, args.date, aside)
    refused = ledger[ledger["place"] == "quarantined"]
    reasons = sorted(refused["reason"].unique())
    if args.reason and args.reason not in reasons:
        raise UsageError(f"no row of {args.date} was quarantined as {args.reason!r}{nearest(args.reason, reasons)}")
    console = Console(markup=False, highlight=False, emoji=False)
    if aside:
        why = "its checks refused it, it did not end, or it was retired"
        console.print(f"An attempt of {args.date} that is not current: {why}.", style="bold")
    counted = ledger[ledger["place"] == "raw"]
    raw = dict(zip(counted["source"], counted["n_rows"], strict=True))
    rows = refused[refused["reason"] == args.reason] if args.reason else refused
    ordered = rows.sort_values(["n_rows", "source", "reason"], ascending=[False, True, True]).to_dict("records")
    if not ordered:
        console.print(f"No row of {args.date} was quarantined.")
        return 0
    console.print(_counts([{str(key): value for key, value in row.items()} for row in ordered], raw))
    files = _quarantine_files(lake, args.date)
    for row in ordered if args.examples else ():
        console.print(f"{row['source']} {row['reason']}", style="bold")
        for text in _examples(files, row["source"], row["reason"], args.examples):
            console.print(f"  {_shown(text, row['source'], settings, args.show_values)}", soft_wrap=True)
    return 0


def _counts(rows: list[dict[str, Any]], raw: Mapping[str, int]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("log", "reason"):
        table.add_column(name, overflow="fold")
    for name in ("rows", "of raw"):
        table.add_column(name, justify="right")
    for row in rows:
        share = row["n_rows"] / raw[row["source"]]
        table.add_row(row["source"], row["reason"], f"{row['n_rows']:,}", f"{100 * share:.2f} %")
    return table


def _ledger(lake: Lake, day: date, aside: Attempt | None) -> pd.DataFrame:
    """Counts of the newest attempt, current or not."""
    if aside:
        return read_attempt(LEDGER, aside, [day])
    return read_pandas(lake, LEDGER, lake.require(LEDGER.name, day, "clean_events"))


def _quarantine_files(lake: Lake, day: date) -> list[Path]:
    aside = lake.newer_attempt(QUARANTINE.name, day)
    if aside:
        return [aside.folder / name for name in aside.files(day)]
    return lake.paths(lake.require(QUARANTINE.name, day, "clean_events"))


def _examples(files: list[Path], source: str, reason: str, count: int) -> list[str]:
    """The first rows in the order of the files; the quarantine may be large, so it is not sorted."""
    dataset = ds.dataset([str(path) for path in files], format="parquet")
    wanted = (pc.field("source") == source) & (pc.field("reason") == reason)
    return [str(text) for text in dataset.head(count, columns=["raw"], filter=wanted)["raw"].to_pylist()]


def _shown(text: str, source: str, settings: Settings, show_values: bool) -> str:
    if show_values:
        return text
    personal = {
        rule.column: name
        for name, rule in settings.sources[source].columns.items()
        if name in PERSONAL and rule.column is not None
    }
    try:
        row = json.loads(text)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        return f"no JSON object, {len(text)} characters; --show-values shows it"
    key = settings.tracking.hash_key
    hidden = {name: shown(personal[name], value, key) if name in personal else value for name, value in row.items()}
    told = visible(json.dumps(hidden, ensure_ascii=False))
    return told if len(told) <= MAX_LENGTH else f"{told[:MAX_LENGTH]}..."


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows; give 0 or more")
    return int(text)
