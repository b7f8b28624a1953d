"""Hostile ids of users and items go through a night as they are, and never become a path or a statement."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from dirty_app import DirtyApp, good_lines, line, lines
from hostile_ids import HOSTILE_IDS, MARKS
from private_files import open_to_others

from jobs.core.home import keep_private
from jobs.core.schemas import EVENTS
from jobs.datasets.tables import table_named

# One a minute, so that no two are taken for one that was sent twice.
_TIMES = [f"2025-03-03T12:{minute:02d}:00Z" for minute in range(len(HOSTILE_IDS))]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Iterator[DirtyApp]:
    root = tmp_path_factory.mktemp("hostile")
    before = os.umask(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_CONF", str(root / "conf"))
        patch.setenv("NIGHTJAR_HOME", str(root / "home"))
        keep_private()
        app = DirtyApp(root)
        hostile = [
            line(f"evil-{number}", ts=ts, user=each, item=each, type="purchase", price=1)
            for number, (ts, each) in enumerate(zip(_TIMES, HOSTILE_IDS, strict=True))
        ]
        app.put(lines([*good_lines(40), *hostile]))
        app.run("ingest_events", "clean_events", "build_features")
        yield app
    os.umask(before)


def test_every_id_arrives_as_it_was_sent(night: DirtyApp) -> None:
    events = night.read(EVENTS)
    rows = events[events["event_id"].str.startswith("evil-")]

    assert sorted(rows["user_id"]) == sorted(HOSTILE_IDS)
    assert sorted(rows["item_id"]) == sorted(HOSTILE_IDS)


def test_every_id_has_its_features(night: DirtyApp) -> None:
    assert set(HOSTILE_IDS) <= set(night.read(table_named("user_activity"))["user_id"])
    assert set(HOSTILE_IDS) <= set(night.read(table_named("item_popularity"))["item_id"])


def test_no_name_of_a_file_holds_an_id(night: DirtyApp) -> None:
    names = [str(path.relative_to(night.home.root)) for path in night.home.root.rglob("*")]

    assert names
    assert not [name for name in names for mark in MARKS if mark in name]
    assert sorted(path.name for path in night.log.parent.iterdir()) == ["conf", "home", "log"]


def test_what_the_night_wrote_is_open_to_owner_and_group_alone(night: DirtyApp) -> None:
    assert open_to_others(Path(night.home.root)) == []
