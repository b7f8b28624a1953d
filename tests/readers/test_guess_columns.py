from jobs.core.schemas import MAPPABLE
from jobs.readers.guess_columns import SYNONYMS, are_spreadsheet_ids, left_over, match_columns, normal


def test_only_event_columns_that_a_log_can_have_are_guessed() -> None:
    assert set(SYNONYMS) == set(MAPPABLE)


def test_synonyms_are_written_as_names_are_compared() -> None:
    assert all(normal(name) == name for names in SYNONYMS.values() for name in names)


def test_names_in_any_spelling_are_matched() -> None:
    found = match_columns(["CustomerID", "created-at", "SKU", "Action", "qty", "shade"])
    assert found == {
        "event_type": "Action",
        "event_time": "created-at",
        "user_id": "CustomerID",
        "item_id": "SKU",
        "quantity": "qty",
    }
    assert left_over(["CustomerID", "shade"], found) == ["shade"]


def test_a_visitor_is_the_user_only_where_there_is_no_other() -> None:
    assert match_columns(["visitorid"]) == {"user_id": "visitorid"}
    assert match_columns(["visitorid", "user_id"]) == {"user_id": "user_id", "anonymous_id": "visitorid"}


def test_the_surest_name_wins_and_no_column_is_used_twice() -> None:
    found = match_columns(["event", "event_type", "id"])
    assert found == {"event_type": "event_type", "event_id": "id"}


def test_spreadsheet_ids() -> None:
    assert are_spreadsheet_ids(["17850.0", "1.0"])
    assert not are_spreadsheet_ids(["17850.0", "1.5"])
    assert not are_spreadsheet_ids([])
