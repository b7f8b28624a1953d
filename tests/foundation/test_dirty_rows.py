"""Every kind of dirty row ends where it should; all of them arrive in one day, among clean rows."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from dirty_app import OTHER_APP, DirtyApp, good_lines, lines
from row_kinds import KINDS, RowKind

GOOD_ROWS = 200


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Iterator[DirtyApp]:
    """The night of a day with every kind."""
    root = tmp_path_factory.mktemp("dirty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_CONF", str(root / "conf"))
        patch.setenv("NIGHTJAR_HOME", str(root / "home"))
        app = DirtyApp(root, {"checks": {"max_quarantine_share": 0.9}}, filters=[OTHER_APP])
        app.put(lines([*good_lines(GOOD_ROWS), *(text for kind in KINDS for text in kind.lines)]))
        app.run()
        yield app


@pytest.fixture(scope="module")
def places(night: DirtyApp) -> dict[str, Counter[str]]:
    """Events and quarantined rows by the name of the kind."""
    found: dict[str, Counter[str]] = {kind.name: Counter() for kind in KINDS}
    for place, text in [*(("clean", id) for id in night.clean_ids()), *_quarantined(night)]:
        for kind in KINDS:
            if _is_of(kind, text):
                found[kind.name][place] += 1
    return found


def _quarantined(night: DirtyApp) -> Iterator[tuple[str, str]]:
    for reason, raw in night.quarantined():
        yield f"quarantined {reason}", raw


def _is_of(kind: RowKind, text: str) -> bool:
    """Whether an event id is one of the kind, or a quarantined text one of its lines."""
    return text in kind.lines or text in {_id_of(each) for each in kind.lines}


def _id_of(text: str) -> str:
    try:
        row = json.loads(text)
    except ValueError:
        return ""
    return str(row.get("id", "")) if isinstance(row, dict) else ""


def test_there_are_many_kinds_and_no_name_twice() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 30


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_ends_where_it_should(kind: RowKind, places: dict[str, Counter[str]]) -> None:
    expected = {place: rows for place, rows in kind.ends.items() if not place.startswith("duplicate")}
    assert places[kind.name] == expected


def test_the_ledger_counts_every_kind_and_no_row_more(night: DirtyApp) -> None:
    expected: Counter[str] = Counter({"clean": GOOD_ROWS})
    for kind in KINDS:
        expected.update(kind.ends)
    expected["raw"] = expected.total()
    assert night.ledger() == expected
