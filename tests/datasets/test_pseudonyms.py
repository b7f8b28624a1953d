import pytest

from jobs.datasets.pseudonyms import pseudonym


def test_the_same_id_and_key_give_the_same_stand_in():
    assert pseudonym("user-1", "secret") == pseudonym("user-1", "secret")


def test_it_depends_on_id_and_key():
    made = {pseudonym("user-1", "secret"), pseudonym("user-2", "secret"), pseudonym("user-1", "other")}
    assert len(made) == 3
    assert not any("user" in name for name in made)


def test_an_empty_key_is_refused():
    with pytest.raises(ValueError, match="key"):
        pseudonym("user-1", "")
