"""The candidate source that docs/adding-a-model.md shows is one."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from source_worlds import shop

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-model.md"


def test_the_source_of_the_page(tmp_path: Path) -> None:
    page = PAGE.read_text()
    [block] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [file] = re.findall(r"\*\*1\. The source\*\*: `(.*?)`", page)
    assert not (PAGE.parents[1] / file).exists(), "the page would have its reader write over a file"
    names: dict[str, Any] = {"__name__": "cosine"}
    exec(compile(block, str(PAGE), "exec"), names)
    past = shop()
    source = names["Cosine"](half_life_days=60.0).fit(past)
    scores = source.score(past.history)
    assert (scores > 0).any()
    source.save(tmp_path)
    assert np.array_equal(names["Cosine"].load(tmp_path).score(past.history), scores)
