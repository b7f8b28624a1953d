"""`make torture-docs`: writes what build/torture/*.jsonl says into the table of docs/reliability.md."""

from collections import defaultdict
from pathlib import Path

from tests.torture.nights.ledger import OUT, ROOT, Line, latest, read

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
    tried = {lane: lines for lane in LANES if (lines := read(folder, lane))}
    outcomes = {lane: latest(lines) for lane, lines in tried.items()}
    rows = [row for lane, last in outcomes.items() for row in _rows(LANES[lane], last)]
    untried = [f"**Not tried: {name}.**" for lane, name in LANES.items() if lane not in tried]
    return "\n".join([" ".join([_told(tried), *untried]), "", HEADER, RULE, *rows])


def _told(tried: dict[str, list[Line]]) -> str:
    """How many faults there were, and how many needed a mend of ours."""
    seeds = ", ".join(f"{LANES[lane]}: {_seeds(lines)}" for lane, lines in tried.items())
    lines = [line for of_lane in tried.values() for line in of_lane]
    last = [line for of_lane in tried.values() for line in latest(of_lane)]
    good = sum(line["good"] for line in last)
    again = sum(not line["good"] for line in lines) - sum(not line["good"] for line in last)
    minutes = sum(line["seconds"] for line in lines) / 60
    codes = len({line["code"] for line in lines})
    return (
        f"{len(last)} faults ({seeds}), {good} without a trace, in {minutes:.0f} minutes of trials, over {codes} "
        f"{'state' if codes == 1 else 'states'} of the code. "
        f"Trials that left a trace and were tried again after a mend: {again}."
    )


def _seeds(lines: list[Line]) -> str:
    return "seed " + " and ".join(str(seed) for seed in sorted({line["seed"] for line in lines}))


def _rows(lane: str, outcomes: list[Line]) -> list[str]:
    by_kind = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome["fault"]["kind"]].append(outcome)
    return [_row(lane, kind, found) for kind, found in sorted(by_kind.items())]


def _row(lane: str, kind: str, found: list[Line]) -> str:
    tries = " / ".join(str(sum(one["cured"] and one["tries"] == number for one in found)) for number in (1, 2, 3))
    equal = sum(one["cured"] and not one["different"] and not one["half_served"] for one in found)
    swept = [one["left"] for one in found if one["left"] is not None]
    hit = sum(one["hit"] for one in found)
    clean = sum(not left for left in swept)
    return f"| {lane} | {kind} | {len(found)} | {hit} | {tries} | {equal} | {len(swept)}, {clean} |"


if __name__ == "__main__":
    write(PAGE, OUT)
