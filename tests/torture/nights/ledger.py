"""What came of every fault ever tried, a line each: a run that was stopped goes on where it was."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.torture.nights.fault import Fault
from tests.torture.nights.trial import Outcome

ROOT = Path(__file__).parents[3]
OUT = ROOT / "build" / "torture"

Line = dict[str, Any]
"""Of one trial: `lane`, `seed`, `code` (a hash of the code that was tried), and the fields of its outcome."""


def keep(folder: Path, lane: str, seed: int, outcome: Outcome) -> None:
    """Add a line to the ledger of a lane."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"lane": lane, "seed": seed, "code": code_hash(), **outcome.as_json()}
    path = _path(folder, lane)
    path.write_text(_whole_lines(path) + json.dumps(told) + "\n", encoding="utf-8")


def read(folder: Path, lane: str) -> list[Line]:
    """All lines of a lane, oldest first; none where nothing was tried."""
    return [json.loads(line) for line in _whole_lines(_path(folder, lane)).splitlines()]


def left_to_try(faults: Iterable[Fault], lines: Iterable[Line], seed: int) -> list[Fault]:
    """Those that were not tried yet, or whose last trial left a trace."""
    good = {_name(line["fault"]): line["good"] for line in lines if line["seed"] == seed}
    return [fault for fault in faults if not good.get(_name(asdict(fault)), False)]


def latest(lines: Iterable[Line]) -> list[Line]:
    """The last trial of every fault."""
    return list({(line["seed"], _name(line["fault"])): line for line in lines}.values())


@cache
def code_hash() -> str:
    """Of all that `jobs`, `expectations` and `feature_repo` say."""
    found = [path for part in ("jobs", "expectations", "feature_repo") for path in (ROOT / part).rglob("*.py")]
    told = sha256()
    for path in sorted(found):
        told.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return told.hexdigest()[:8]


def _path(folder: Path, lane: str) -> Path:
    return folder / f"{lane}.jsonl"


def _whole_lines(path: Path) -> str:
    """A run that is killed as it writes leaves half a line, without its end."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    whole, end, _ = text.rpartition("\n")
    return whole + end


def _name(fault: Line) -> str:
    return json.dumps(fault, sort_keys=True)
