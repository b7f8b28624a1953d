"""The page about the event model says what the schemas and the configuration say."""

import re
from collections.abc import Iterable

import pytest

from jobs.core.config import load_settings
from jobs.core.config.load import project_folder
from jobs.core.schemas import (
    EVENT_COLUMNS,
    EVENT_MODEL_VERSION,
    ITEM_PROFILE_COLUMNS,
    ITEM_PROFILES,
    USER_PROFILE_COLUMNS,
    USER_PROFILES,
    USER_STATUS,
)
from jobs.core.table import Column

PAGE = (project_folder() / "docs" / "event-model.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    return found[1]


def table(text: str) -> list[tuple[str, ...]]:
    """Rows of the tables in a text, without heads and rules."""
    rows = [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")) for line in text.splitlines()]
    return [
        row for row in rows if len(row) > 1 and row[0] not in ("column", "type") and set(row[0]) != {"-"} and row[0]
    ]


def described(columns: Iterable[Column]) -> list[tuple[str, ...]]:
    return [(column.name, column.type, "" if column.nullable else "yes", column.doc) for column in columns]


def test_the_version() -> None:
    assert f"Version **{EVENT_MODEL_VERSION}**" in PAGE


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("An event", EVENT_COLUMNS),
        ("Items", ITEM_PROFILES.columns),
        ("Users", USER_PROFILES.columns),
        ("User status", USER_STATUS.columns),
    ],
)
def test_every_column_stands_there_as_in_the_schema(title: str, columns: tuple[Column, ...]) -> None:
    assert table(section(title)) == described(columns)


def test_profiles_are_what_a_log_fills_and_since_when() -> None:
    assert [*ITEM_PROFILE_COLUMNS, ITEM_PROFILES.columns[-1]] == list(ITEM_PROFILES.columns)
    assert [*USER_PROFILE_COLUMNS, USER_PROFILES.columns[-1]] == list(USER_PROFILES.columns)


def test_every_type_stands_in_its_group_with_its_weight() -> None:
    events = load_settings("sample", environ={}).events
    groups = {"intent": events.intent, "exposure": events.exposure, "negative": events.negative}
    groups["lifecycle"] = events.lifecycle
    expected = [
        (name, group, str(events.weights[name]), "yes" if name in events.needs_item else "")
        for group, names in groups.items()
        for name in names
    ]
    assert [row[:4] for row in table(section("Event types"))] == expected
    assert {row[0] for row in expected} == set(events.weights)
