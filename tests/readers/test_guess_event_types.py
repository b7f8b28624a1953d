from jobs.core.config import load_settings
from jobs.readers.guess_columns import normal
from jobs.readers.guess_event_types import MAX_TYPES, SYNONYMS, match_event_types


def test_every_event_type_of_ours_is_known_and_no_other() -> None:
    assert set(SYNONYMS) == set(load_settings("sample").events.weights)


def test_no_synonym_stands_for_two_types() -> None:
    names = [name for ours, synonyms in SYNONYMS.items() for name in (normal(ours), *synonyms)]
    assert len(names) == len(set(names))
    assert all(normal(name) == name for name in names)


def test_values_are_named_most_frequent_first() -> None:
    types = match_event_types(["addtocart", "view", "view", "Transaction", "remove_from_cart", "Transaction", "view"])
    assert list(types.known.items()) == [("view", "view"), ("Transaction", "purchase"), ("addtocart", "add_to_cart")]
    assert types.unknown == {"remove_from_cart": 1}


def test_a_column_of_many_values_is_cut() -> None:
    types = match_event_types([f"t{n:03d}" for n in range(200)])
    assert len(types.unknown) == MAX_TYPES


def test_nothing_gives_nothing() -> None:
    types = match_event_types([])
    assert (types.known, types.unknown) == ({}, {})
