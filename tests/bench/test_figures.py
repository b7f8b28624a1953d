"""The page of figures keeps what was not measured again."""

from pathlib import Path

import pytest

from tests.bench import figures
from tests.bench.figures import Figures, write_docs

BENCH = Figures("lists", "asked for", (
    ("a.score", "lists of a", "{:.2f}", "at least .5"),
    ("a.over", "over the best", "{:.1f}", "1.1"),
    ("b.score", "lists of b", "{:.2f}", "at least .5"),
    ("b.over", "over the best", "{:.1f}", "1.1"),
))  # fmt: skip
MACHINE = {"machine_cores": 2, "machine": "x86_64", "system": "Linux"}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BENCH.begin}\n{BENCH.end}\nafter\n")
    monkeypatch.setattr(figures, "PAGE", page)
    return page


def test_a_part_that_is_run_alone_leaves_the_figures_of_the_others(page: Path) -> None:
    write_docs(BENCH, {**MACHINE, "b.score": 0.5, "b.over": 1.2})
    assert "| lists of a" not in page.read_text()

    write_docs(BENCH, {**MACHINE, "a.score": 0.25, "a.over": 3.0})

    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")][2:]
    assert rows == [
        "| lists of a | 0.25 | at least .5 |",
        "| over the best | 3.0 | 1.1 |",
        "| lists of b | 0.50 | at least .5 |",
        "| over the best | 1.2 | 1.1 |",
    ]
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("\nafter\n")


def test_a_page_without_marks_is_refused(page: Path) -> None:
    page.write_text("nothing")
    with pytest.raises(ValueError, match="has no marks"):
        write_docs(BENCH, MACHINE)
