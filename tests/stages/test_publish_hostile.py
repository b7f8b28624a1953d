"""Hostile ids of users and items in what is published, withdrawn and read back, in both online stores."""

from datetime import UTC, datetime

import pytest
from hostile_ids import HOSTILE_IDS, MARKS
from small_app import CLOSED, DAY, App

from jobs.adapters.online import open_store
from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.environment import feature_store
from nightjar_client import Client

MORNING = datetime(2025, 3, 4, 6, tzinfo=UTC)
QUOTES = "'; DROP TABLE nightjar_served; --"


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    """Of the module, so that `feast apply` runs once for each."""
    return str(request.param)


@pytest.fixture
def published(store: str, app: App, request: pytest.FixtureRequest) -> App:
    """Every hostile id is a user with lists, an item on all lists, an item with lists, and an anchor."""
    if store == "redis":
        server = request.getfixturevalue("redis_server")
        server.client().flushall()
        app.use_redis(server.address)
    lists = app.settings.lists.model_copy(update={"online_items": len(HOSTILE_IDS)})
    app.settings = app.settings.model_copy(update={"lists": lists})
    app.put_night(DAY, users=HOSTILE_IDS, items=HOSTILE_IDS, listed=HOSTILE_IDS)
    assert app.run("publish", DAY) == "published"
    assert app.run("check_online", DAY) is None
    return app


def users_of(app: App, view: str) -> set[str]:
    keys = {key for key, _, _ in open_store(app.settings, app.home).rows(view)}
    return {user for user in HOSTILE_IDS if encode_key("user_id", user) in keys}


def client_of(app: App) -> Client:
    return Client.open(store=feature_store(app.settings, app.home), clock=lambda: MORNING)


def test_each_user_is_served_and_read_back(published: App) -> None:
    assert users_of(published, "recs_for_you") == set(HOSTILE_IDS)
    client = client_of(published)
    for user in HOSTILE_IDS:
        answer = client.recommendations(user, k=50)
        assert (answer.key, answer.rung, answer.items) == (user, "user", HOSTILE_IDS)
        assert client.predictions(user).views["churn"].columns["probability"] == 0.25


def test_each_item_has_its_lists_and_is_an_anchor(published: App) -> None:
    client = client_of(published)
    for item in HOSTILE_IDS:
        for surface in ("similar", "bought_together"):
            answer = client.similar(item, surface, k=50)
            assert (answer.key, answer.rung, answer.items) == (item, "item", HOSTILE_IDS)
    shelf = client.recommendations(HOSTILE_IDS[0], "because_you", k=50)
    assert set(shelf.items) == set(shelf.anchors) == set(HOSTILE_IDS)


def test_one_excluded_item_takes_no_other_along(published: App) -> None:
    client = client_of(published)
    for item in HOSTILE_IDS:
        left = client.recommendations("o'neil", k=50, exclude=[item]).items
        assert left == tuple(one for one in HOSTILE_IDS if one != item)


def test_one_that_leaves_takes_nobody_along(published: App) -> None:
    for number, user in enumerate(("%", QUOTES), start=1):
        published.put_status(DAY, dict.fromkeys(("%", QUOTES)[:number], "deleted"))
        published.run("withdraw", DAY)

        left = users_of(published, "recs_for_you")
        assert user not in left
        assert len(left) == len(HOSTILE_IDS) - number
    assert published.run("check_online", DAY) is None


def test_a_delisted_item_takes_no_other_along(published: App) -> None:
    gone = ("%", QUOTES, "..", "two\nlines")
    published.put_status(CLOSED, {})
    published.put_items(CLOSED, delisted=gone, items=HOSTILE_IDS)
    assert published.run("publish", CLOSED) == "withdrawn"
    assert published.run("check_online", DAY) is None
    answer = client_of(published).recommendations("😀👩‍👩‍👧‍👦", k=50)
    assert answer.items == tuple(item for item in HOSTILE_IDS if item not in gone)


def test_no_name_of_a_file_holds_an_id(published: App) -> None:
    names = [str(path.relative_to(published.home.root)) for path in published.home.root.rglob("*")]

    assert not [name for name in names for mark in MARKS if mark in name]
