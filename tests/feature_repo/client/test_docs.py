"""The examples of docs/reading-from-an-app.md that use the client do what they say."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "reading-from-an-app.md"


def test_the_client_of_the_page(place: Any) -> None:
    [block] = re.findall(r"```python\n(from nightjar_client import Client\n.*?)```", PAGE.read_text(), re.DOTALL)
    opened = 'Client.open("feature_repo", fallback=["i00915"])'
    assert block.count(opened) == 1
    # Ids of the sample become those of this small store; everything else runs as it is printed.
    text = block.replace(opened, "opened").replace("u00753", "ann").replace("i00915", "a/b")
    names: dict[str, Any] = {"opened": place.client()}
    exec(compile(text, str(PAGE), "exec"), names)
    answer = names["answer"]
    assert answer.rung == "user"
    assert 0 < len(answer.items) <= 10
    assert "i00042" not in answer.items
