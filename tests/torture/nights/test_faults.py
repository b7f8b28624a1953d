"""The list of faults, and the table made of outcomes."""

import json
from collections import Counter
from pathlib import Path

from tests.torture.nights.fault import EMBEDDED, ON_SERVERS, draw_faults
from tests.torture.nights.table import BEGIN, END, write


def test_a_seed_gives_one_list() -> None:
    assert draw_faults(3, 40, on_servers=False) == draw_faults(3, 40, on_servers=False)
    assert draw_faults(3, 40, on_servers=False) != draw_faults(4, 40, on_servers=False)


def test_every_kind_meets_every_stage_that_it_can_hit() -> None:
    for kinds, on_servers in ((EMBEDDED, False), (ON_SERVERS, True)):
        pairs = {(kind, stage) for kind, stages in kinds.items() for stage in stages}
        rounds = max(len(stages) for stages in kinds.values())
        drawn = draw_faults(1, rounds * len(kinds), on_servers)
        assert {(fault.kind, fault.stage) for fault in drawn} == pairs


def test_kinds_take_turns() -> None:
    for on_servers in (False, True):
        tries = Counter(fault.kind for fault in draw_faults(1, 60, on_servers))
        assert set(tries.values()) == {10}


def test_the_table_counts_what_was_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    one = {"fault": {"kind": "full disk"}, "hit": True, "tries": 1, "cured": True, "different": [], "good": True}
    one |= {"half_served": None, "left": None, "seconds": 60.0}
    bad = {**one, "different": ["events"], "good": False, "tries": 2, "left": ["x"]}
    (tmp_path / "embedded.json").write_text(json.dumps({"lane": "embedded", "seed": 7, "outcomes": [one, bad]}))
    write(page, tmp_path)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "2 faults (embedded default: seed 7), 1 without a trace, in 2 minutes" in text
    assert "| embedded default | full disk | 2 | 2 | 1 / 1 / 0 | 1 | 1, 0 |" in text
    assert "**Not tried in this run: servers.**" in text
    assert "old" not in text
