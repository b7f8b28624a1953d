"""The list of faults, and the table made of outcomes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.core.errors import OvertakenError, StorageError
from jobs.stages.catalog import STAGES as CATALOG
from tests.torture.nights.boundary import POINTS, owner_of
from tests.torture.nights.corrected import INPUTS
from tests.torture.nights.fault import EMBEDDED, ON_SERVERS, Fault, draw_corrections, draw_faults
from tests.torture.nights.leaves import leaves
from tests.torture.nights.ledger import keep, left_to_try, read
from tests.torture.nights.table import BEGIN, END, write
from tests.torture.nights.trial import Outcome


def test_a_seed_gives_one_list() -> None:
    assert draw_faults(3, 40, on_servers=False) == draw_faults(3, 40, on_servers=False)
    assert draw_faults(3, 40, on_servers=False) != draw_faults(4, 40, on_servers=False)


@pytest.mark.parametrize("point", POINTS)
def test_a_boundary_is_a_function_of_ours(point: str) -> None:
    owner, name = owner_of(point)
    assert callable(getattr(owner, name))


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


def test_corrections_are_drawn_apart_and_numbered_on() -> None:
    drawn = draw_corrections(7, 12, first_number=150, stages=tuple(INPUTS))
    assert [fault.number for fault in drawn] == list(range(150, 162))
    assert {fault.stage for fault in drawn} == set(INPUTS)
    assert all(any(read.table == table for read in CATALOG[stage].reads) for stage, table in INPUTS.items())


def test_the_table_counts_the_last_trial_of_each_fault(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    one, two, three = draw_faults(7, 3, on_servers=False, stages=("build_features",))
    for outcome in (good(one), bad(two), bad(three), good(two)):
        keep(tmp_path, "embedded", 7, outcome)
    write(page, tmp_path)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "3 faults (embedded default: seed 7), 2 without a trace, in 4 minutes" in text
    assert "over 1 state of the code" in text
    assert "tried again after a mend: 1." in text
    assert f"| embedded default | {one.kind} | 1 | 1 | 1 / 0 / 0 | 1 | 0, 0 |" in text
    assert f"| embedded default | {three.kind} | 1 | 1 | 0 / 1 / 0 | 0 | 1, 0 |" in text
    assert "**Not tried: servers.**" in text
    assert "old" not in text


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    faults = draw_faults(7, 3, on_servers=False)
    assert left_to_try(faults, read(tmp_path, "embedded"), 7) == faults
    keep(tmp_path, "embedded", 7, good(faults[0]))
    keep(tmp_path, "embedded", 7, bad(faults[1]))
    with (tmp_path / "embedded.jsonl").open("a") as file:
        file.write('{"lane": "embedd')  # killed as it wrote
    assert left_to_try(faults, read(tmp_path, "embedded"), 7) == faults[1:]
    keep(tmp_path, "embedded", 7, good(faults[2]))
    assert left_to_try(faults, read(tmp_path, "embedded"), 7) == faults[1:2]
    assert left_to_try(faults, read(tmp_path, "embedded"), 8) == faults


def test_a_copy_that_only_had_company_has_to_end_well() -> None:
    (copies,) = [one for one in draw_faults(7, 6, on_servers=False) if one.kind == "copies side by side"]
    assert replace(good(copies), exits=(0, 0)).is_good
    assert not replace(good(copies), exits=(0, 1)).is_good


def test_only_the_run_whose_inputs_were_spoiled_may_fail() -> None:
    (corrected,) = draw_corrections(7, 1, first_number=0, stages=("publish",))
    assert replace(good(corrected), exits=(OvertakenError.exit_code, 0)).is_good
    assert not replace(good(corrected), exits=(0, 1)).is_good


def test_a_full_disk_is_told_by_its_exit_code() -> None:
    (full,) = [one for one in draw_faults(7, 6, on_servers=False) if one.kind == "full disk"]
    assert replace(good(full), exits=(StorageError.exit_code,)).is_good
    assert not replace(good(full), exits=(1,)).is_good


def test_leaves_are_those_of_two_runs_but_for_what_is_drawn(tmp_path: Path) -> None:
    for run, attempt, part in (("a", "000001", "0" * 32), ("b", "000002", "f" * 32)):
        file = tmp_path / run / "lake" / "events" / "data" / attempt / f"part-{part}.parquet"
        file.parent.mkdir(parents=True)
        file.touch()
    assert leaves(tmp_path / "a") == leaves(tmp_path / "b")
    (tmp_path / "b" / "left").touch()
    assert leaves(tmp_path / "b") - leaves(tmp_path / "a") == Counter(["left"])


def good(fault: Fault) -> Outcome:
    """Cured by the first run."""
    return Outcome(
        fault, hit=True, exits=(-9,), tries=1, cured=True, different=(), half_served=None, left=None, seconds=60
    )


def bad(fault: Fault) -> Outcome:
    """Another table, and a file of a dead run."""
    return replace(good(fault), tries=2, different=("events",), left=("x",))
