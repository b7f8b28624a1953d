"""Figures are kept flat, by part."""

import json
from pathlib import Path

from tests.bench.parts import read_results, run_parts


def test_a_name_with_dots_is_one_flat_key(tmp_path: Path) -> None:
    file = tmp_path / "bench" / "night.json"
    run_parts({"shop": lambda: {"shop.for_you.ndcg_at_10": 0.5}}, ["shop"], file)
    assert json.loads(file.read_text())["shop.for_you.ndcg_at_10"] == 0.5


def test_a_part_that_is_run_alone_leaves_the_figures_of_the_others(tmp_path: Path) -> None:
    parts = {"one": lambda: {"one.seconds": 1.0}, "two": lambda: {"two.seconds": 2.0}}
    run_parts(parts, ["one", "two"], tmp_path / "f.json")
    run_parts({**parts, "two": lambda: {"two.seconds": 3.0}}, ["two"], tmp_path / "f.json", _sum)
    found = read_results(tmp_path / "f.json")
    assert (found["one.seconds"], found["two.seconds"], found["sum"]) == (1.0, 3.0, 4.0)


def _sum(results: dict[str, float]) -> dict[str, float]:
    return {"sum": results["one.seconds"] + results["two.seconds"]}
