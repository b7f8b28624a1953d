"""Reading users with the plain SDK, from a store that the publish filled and a registry that `feast apply` made."""

from pathlib import Path

import pandas as pd
import pytest
from online_rows import encode_frame, encoded, frame, generation

from jobs.adapters.online.contract import decide
from jobs.adapters.online.environment import feast_environment, feature_store
from jobs.adapters.online.read_users import read_users
from jobs.adapters.online.registry import apply_registry
from jobs.adapters.online.stores import open_store
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.features.online import ONLINE_VIEWS


def lists() -> pd.DataFrame:
    rows = frame(ONLINE_VIEWS["recs_for_you"], ("a",)).drop(columns=["items", "scores", "reasons", "anchors"])
    return rows.assign(items=[["i1", "i2"]], scores=[[0.5, 0.25]], reasons=[["popular"] * 2], anchors=[["", ""]])


@pytest.mark.slow
def test_known_and_unknown_users_are_answered_in_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, app, offered = load_settings("sample"), Home(home, "sample"), generation()
    # `feature_store` sets these for good; set here, they are taken back after the test.
    for name, value in feast_environment(settings, app).items():
        monkeypatch.setenv(name, value)
    apply_registry(settings, app)
    others = [view for view in encoded(offered, ("a",)) if view.view.name != "recs_for_you"]
    own = encode_frame(ONLINE_VIEWS["recs_for_you"], lists(), offered)
    open_store(settings, app).replace(decide(None, offered).served, [[*others, own]])
    nobody, known = read_users(feature_store(settings, app), ["nobody", "a"])
    assert (nobody.user_id, nobody.segment, nobody.recommendations, nobody.churn) == ("nobody", None, (), None)
    assert [(found.item_id, found.score, found.reason) for found in known.recommendations] == [
        ("i1", 0.5, "popular"),
        ("i2", 0.25, "popular"),
    ]
    assert known.churn == 0.1
    assert sorted(known.shelves) == ["because_you", "buy_again", "discover", "new_for_you", "trending"]
    assert nobody.shelves == {}
    assert known.model == "ü|*"
