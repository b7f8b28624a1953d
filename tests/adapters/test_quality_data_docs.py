import json
import re
from datetime import date
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jobs.adapters.quality import audit
from jobs.adapters.quality.data_docs import render
from jobs.core.config import load_settings
from jobs.core.output_schemas import PREDICTIONS, RECOMMENDATIONS
from jobs.core.schemas import LEDGER

DAY = date(2025, 3, 1)
SETTINGS = load_settings("sample")


def predictions(high: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": ["alice", "bob"],
            "prediction": "churn",
            "probability": [0.1, high],
            **dict.fromkeys(("expected", "low", "high"), np.nan),
            **{name: [[], []] for name in ("days", "curve", "reasons")},
            "action": "",
            "is_prior": False,
            "model": "churn-1",
        }
    )


def stored(high: float) -> dict[str, object]:
    document = audit(predictions(high), PREDICTIONS, SETTINGS, [DAY]).document
    loaded: dict[str, object] = json.loads(json.dumps(document))
    return loaded


def wrong_item(item: str) -> dict[str, object]:
    """Of lists that hold an item twice, for a reason and with a name that nobody knows."""
    rows = [("user", "u1", "for_you", rank, item, 1 / rank, item, "", "als", "als-1") for rank in (1, 2)]
    frame = pd.DataFrame(rows, columns=list(RECOMMENDATIONS.column_names))
    return dict(audit(frame, RECOMMENDATIONS, SETTINGS, [DAY]).document)


def empty_ledger() -> dict[str, object]:
    frame = pd.DataFrame({name: pd.Series(dtype="object") for name in LEDGER.column_names})
    return dict(audit(frame, LEDGER, SETTINGS, [DAY]).document)


def test_the_index_lists_each_table_with_its_verdict(tmp_path: Path) -> None:
    index = render([stored(0.5), empty_ledger()], tmp_path / "docs")
    page = index.read_text(encoding="utf-8")
    assert index == tmp_path / "docs" / "index.html"
    assert 'href="predictions.html"' in page
    assert 'href="ledger.html"' in page
    assert page.count(">passed<") == 2


def test_a_page_tells_what_does_not_hold(tmp_path: Path) -> None:
    render([stored(1.5)], tmp_path)
    page = (tmp_path / "predictions.html").read_text(encoding="utf-8")
    assert "probability_in_range: 1 row, such as 1.5" in page
    assert ">stopped<" in page
    assert "values must be" in page


@pytest.mark.parametrize("item", ["<script>alert(1)</script>", "<img src=x>", "a&lt;b", "$PARAMETER"])
def test_an_id_is_text_on_a_page(item: str, tmp_path: Path) -> None:
    render([wrong_item(item)], tmp_path / "hostile")
    render([wrong_item("calm")], tmp_path / "calm")
    pages = [(tmp_path / name / "recommendations.html").read_text("utf-8") for name in ("hostile", "calm")]
    assert pages[0].count("<") == pages[1].count("<")
    assert pages[0].count(escape(item)) == pages[1].count("calm") >= 4


def test_pages_are_read_without_a_network(tmp_path: Path) -> None:
    render([stored(1.5)], tmp_path)
    for page in tmp_path.glob("*.html"):
        assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(""", page.read_text(encoding="utf-8"))


def test_rendering_again_replaces_the_pages(tmp_path: Path) -> None:
    render([stored(1.5)], tmp_path)
    render([stored(0.5)], tmp_path)
    assert ">passed<" in (tmp_path / "predictions.html").read_text(encoding="utf-8")
