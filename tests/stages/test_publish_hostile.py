"""Hostile ids of users in what is published, withdrawn and read back."""

import pytest
from hostile_ids import HOSTILE_IDS, MARKS
from small_app import DAY, App

from jobs.adapters.online import open_store
from jobs.adapters.online.encode import encode_key


@pytest.fixture
def published(app: App) -> App:
    app.put_night(DAY, users=HOSTILE_IDS)
    assert app.run("publish", DAY) == "published"
    assert app.run("check_online", DAY) is None
    return app


def users_of(app: App, view: str) -> set[str]:
    keys = {key for key, _, _ in open_store(app.settings, app.home).rows(view)}
    return {user for user in HOSTILE_IDS if encode_key("user_id", user) in keys}


def test_each_user_is_served_and_read_back(published: App) -> None:
    assert users_of(published, "recs_for_you") == set(HOSTILE_IDS)


def test_one_that_leaves_takes_nobody_along(published: App) -> None:
    for number, user in enumerate(("%", "'; DROP TABLE nightjar_served; --"), start=1):
        published.put_status(DAY, dict.fromkeys(("%", "'; DROP TABLE nightjar_served; --")[:number], "deleted"))
        published.run("withdraw", DAY)

        left = users_of(published, "recs_for_you")
        assert user not in left
        assert len(left) == len(HOSTILE_IDS) - number


def test_no_name_of_a_file_holds_an_id(published: App) -> None:
    names = [str(path.relative_to(published.home.root)) for path in published.home.root.rglob("*")]

    assert not [name for name in names for mark in MARKS if mark in name]
