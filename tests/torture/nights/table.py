"""`make torture-docs`: writes what build/torture/*.json says into the table of docs/reliability.md."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- torture: begin, written by make torture-docs -->", "<!-- torture: end -->"
LANES = {"embedded": "embedded default", "servers": "servers"}
HEADER = "| on | fault | faults | met work | cured by run 1 / 2 / 3 | as undisturbed | vacuums, of these clean |"
RULE = "| --- | --- | ---: | ---: | ---: | ---: | ---: |"


def write(page: Path, folder: Path) -> None:
    """Put the table between the page's two marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{_table(folder)}\n\n{END}{after}", encoding="utf-8")


def _table(folder: Path) -> str:
    files = [
        json.loads((folder / f"{lane}.json").read_text()) for lane in LANES if (folder / f"{lane}.json").is_file()
    ]
    rows = [row for told in files for row in _rows(LANES[told["lane"]], told["outcomes"])]
    outcomes = [outcome for told in files for outcome in told["outcomes"]]
    seeds = ", ".join(f"{LANES[told['lane']]}: seed {told['seed']}" for told in files)
    good = sum(outcome["good"] for outcome in outcomes)
    minutes = sum(outcome["seconds"] for outcome in outcomes) / 60
    told = f"{len(outcomes)} faults ({seeds}), {good} without a trace, in {minutes:.0f} minutes of trials."
    tried = {told["lane"] for told in files}
    untried = [f"**Not tried in this run: {name}.**" for lane, name in LANES.items() if lane not in tried]
    return "\n".join([" ".join([told, *untried]), "", HEADER, RULE, *rows])


def _rows(lane: str, outcomes: list[dict[str, Any]]) -> list[str]:
    by_kind = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome["fault"]["kind"]].append(outcome)
    return [_row(lane, kind, found) for kind, found in sorted(by_kind.items())]


def _row(lane: str, kind: str, found: list[dict[str, Any]]) -> str:
    tries = " / ".join(str(sum(one["cured"] and one["tries"] == number for one in found)) for number in (1, 2, 3))
    equal = sum(one["cured"] and not one["different"] and not one["half_served"] for one in found)
    swept = [one["left"] for one in found if one["left"] is not None]
    hit = sum(one["hit"] for one in found)
    clean = sum(not left for left in swept)
    return f"| {lane} | {kind} | {len(found)} | {hit} | {tries} | {equal} | {len(swept)}, {clean} |"


if __name__ == "__main__":
    write(PAGE, ROOT / "build" / "torture")
