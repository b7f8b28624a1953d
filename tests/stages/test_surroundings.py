from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from small_app import CLOSED, App

from jobs.core.night import Night
from jobs.core.schemas import EVENTS, ITEM_PROFILES, LEDGER
from jobs.stages.surroundings import surroundings

FIRST = CLOSED + timedelta(weeks=1)


@pytest.fixture
def own(tmp_path: Path) -> App:
    return App(tmp_path)


def night(app: App, days: int = 1) -> Night:
    return Night(app.settings, FIRST, FIRST + timedelta(days - 1))


def put_ledger(app: App, day: date, n_rows: int) -> None:
    """A `ledger` with so many clean rows."""
    rows = [("app", "raw", "", n_rows + 1), ("app", "clean", "", n_rows), ("app", "quarantined", "bad_time", 1)]
    app.put("ledger", day, pd.DataFrame(rows, columns=list(LEDGER.column_names)))


def test_history_are_the_same_weekdays_before_the_night(own: App) -> None:
    weeks = [FIRST - timedelta(weeks=week) for week in (2, 5)]
    for n_rows, day in enumerate([*weeks, FIRST - timedelta(1), FIRST, FIRST + timedelta(1)], start=1):
        put_ledger(own, day, n_rows)
    assert surroundings(own.lake, EVENTS, night(own), []).history == {weeks[0]: {"app": 1}}


def test_dates_of_the_range_itself_are_not_history(own: App) -> None:
    for week in range(3):
        put_ledger(own, FIRST + timedelta(weeks=week), 7)
    assert surroundings(own.lake, EVENTS, night(own, days=15), []).history == {}


def test_clean_rows_are_those_of_the_ledger_that_the_stage_wrote(own: App) -> None:
    put_ledger(own, FIRST, 7)
    around = surroundings(own.lake, EVENTS, night(own), [own.lake.require("ledger", FIRST, "")])
    assert around.clean_rows == {FIRST: {"app": 7}}
    assert surroundings(own.lake, EVENTS, night(own), []).clean_rows == {}


def test_the_catalogue_is_that_of_the_date(own: App) -> None:
    rows = pd.DataFrame([{"item_id": "i1", "is_available": True, "valid_from": FIRST}])
    whole = rows.reindex(columns=list(ITEM_PROFILES.column_names)).astype("object")
    own.put("item_profiles", FIRST, whole.where(whole.notna(), None))
    manifest = own.lake.require("item_profiles", FIRST, "")
    around = surroundings(own.lake, EVENTS, night(own), [manifest])
    assert around.has_catalogue
    assert around.known_items(FIRST) == {"i1"}
    assert around.known_items(FIRST + timedelta(1)) is None


def test_an_app_without_a_catalogue_has_none(own: App) -> None:
    own.put("item_profiles", FIRST, pd.DataFrame(columns=list(ITEM_PROFILES.column_names)))
    around = surroundings(own.lake, EVENTS, night(own), [own.lake.require("item_profiles", FIRST, "")])
    assert not around.has_catalogue
    assert around.known_items(FIRST) is None


def test_other_tables_compare_with_nothing(own: App) -> None:
    put_ledger(own, FIRST - timedelta(weeks=1), 1)
    assert surroundings(own.lake, LEDGER, night(own), []).history == {}
