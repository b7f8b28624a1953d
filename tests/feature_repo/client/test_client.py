"""The ladder, what is left out, and what is answered when the store is away; on both stores."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from tiny_store import HOSTILE, NOW, publish

from jobs.adapters.online.environment import repo_folder
from nightjar_client import StoreUnreachableError

OPENS = """
import sys
sys.modules.update(dict.fromkeys(("duckdb", "ibis", "jobs", "pyspark", "mlflow", "airflow", "lightgbm")))
from nightjar_client import Client
print(*Client.open(sys.argv[1]).surfaces)
"""


def test_it_opens_the_repo_with_nothing_of_the_pipeline_installed(place: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPENS, str(repo_folder())], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.returncode) == (list(place.client().surfaces), 0), done.stderr


def test_an_active_user_gets_their_own_list(place: Any) -> None:
    answer = place.client().recommendations("ann")
    assert answer.rung == "user"
    assert answer.items == tuple(f"recs_for_you:ann:{n}" for n in range(3))
    assert (answer.scores, answer.reasons) == ((3.0, 2.0, 1.5), ("because_you_had", "like_your_taste", "popular"))
    assert (answer.anchors, answer.model) == (("i1", "", ""), "ranker-1")
    assert answer.generation == "2025-03-03-00000000"
    assert (answer.age_seconds, answer.is_stale, answer.expired) == (6 * 3600, False, False)


@pytest.mark.parametrize(
    ("user", "context", "rung", "first"),
    [
        ("dora", None, "segment", "segment_for_you:dormant:0"),
        ("otto", "GB|web|evening", "context", "context_for_you:GB|web|*:0"),
        ("nobody", {"country": "GB"}, "context", "context_for_you:GB|*|*:0"),
        ("nobody", "DE|app|*", "everybody", "everybody_for_you:everybod:0"),
        ("nobody", "||||", "everybody", "everybody_for_you:everybod:0"),
        ("nobody", None, "everybody", "everybody_for_you:everybod:0"),
    ],
)
def test_the_ladder(place: Any, user: str, context: Any, rung: str, first: str) -> None:
    answer = place.client().recommendations(user, context=context)
    assert (answer.rung, answer.items[0]) == (rung, first)


def test_shelves_without_rungs_are_hidden(place: Any) -> None:
    answer = place.client(fallback=["z"]).recommendations("nobody", "buy_again")
    assert (answer.rung, answer.items) == ("none", ())


def test_k_and_what_was_had_today(place: Any) -> None:
    client = place.client()
    own = [f"recs_for_you:ann:{n}" for n in range(3)]
    assert client.recommendations("ann", k=1).items == (own[0],)
    assert client.recommendations("ann", k=2, exclude={own[0]}).items == (own[1], own[2])
    assert client.recommendations("ann", exclude=own).rung == "segment"


def test_a_batch_answers_in_order(place: Any) -> None:
    users = ["nobody", "ann", "dora", "ann", "otto"]
    client = place.client()
    answers = client.recommendations_batch(users, context="GB|web|*")
    assert answers == [client.recommendations(user, context="GB|web|*") for user in users]
    assert [answer.rung for answer in answers] == ["context", "user", "segment", "user", "context"]
    assert client.recommendations_batch([]) == []


def test_predictions_are_what_the_registry_names(place: Any) -> None:
    client = place.client()
    found = client.predictions("ann")
    assert found.views["churn"].columns == {
        "probability": 0.25,
        "reasons": ["x"],
        "action": "x",
        "is_prior": False,
    }
    assert (found.views["churn"].stamps.model, found.generation) == ("churn-1", "2025-03-03-00000000")
    assert (client.predictions("otto").views, client.predictions("otto").status) == ({}, "opted_out")
    assert (client.predictions("nobody").views, client.predictions("nobody").status) == ({}, None)


def test_all_of_a_user_at_once(place: Any) -> None:
    found = place.client().snapshot("ann")
    assert set(found.features) == {"user_activity", "user_item_affinity", "user_category_affinity"}
    assert {"churn", "conversion", "value", "return_visit"} <= set(found.predictions)
    assert {"user_segment", "user_stage", "send_time", "next_interest"} <= set(found.predictions)
    assert {answer.generation for answer in found.lists.values()} == {"2025-03-03-00000000"}
    assert found.lists["trending"].items[0] == "recs_trending:ann:0"


def test_a_screen_is_read_at_one_moment(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, reads = place.client(), []
    read = client._reader.read

    def counted(asks: Any) -> Any:
        reads.append(asks)
        return read(asks)

    monkeypatch.setattr(client._reader, "read", counted)
    found = client.screen("ann", k=2)
    assert len(reads) == 1
    assert list(found.lists) == list(client.surfaces)
    assert found.lists["trending"].items == ("recs_trending:ann:0", "recs_trending:ann:1")
    assert found.predictions == client.predictions("ann").views
    assert set(found.features) == {"user_activity", "user_item_affinity", "user_category_affinity"}
    assert (found.generation, found.status, found.expired) == ("2025-03-03-00000000", "active", False)


def test_a_screen_goes_down_the_ladder_of_each_surface(place: Any) -> None:
    client = place.client()
    for user in ("ann", "dora", "otto", "nobody"):
        found = client.screen(user, context="GB|web|*", exclude=["recs_for_you:ann:0"])
        alone = {s: client.recommendations(user, s, 20, "GB|web|*", ["recs_for_you:ann:0"]) for s in client.surfaces}
        assert found.lists == alone
        assert found.generation == "2025-03-03-00000000"
    assert client.screen("otto").predictions == client.screen("nobody").predictions == {}
    assert list(client.screen("ann", ["trending", "for_you", "trending"]).lists) == ["trending", "for_you"]
    with pytest.raises(ValueError, match=r"surface is 'nope'"):
        client.screen("ann", ["for_you", "nope"])


def test_a_screen_without_a_store(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(place.writer, without=("everybody_new_for_you",))
    client, now = place.client(), [NOW]
    client._clock = lambda: now[0]

    def away(*_: Any) -> None:
        raise StoreUnreachableError("the store is away")

    monkeypatch.setattr(client._reader, "read", away)
    found = client.screen("ann")
    assert {surface: answer.rung for surface, answer in found.lists.items()} == {
        "because_you": "none",
        "buy_again": "none",
        "discover": "cached",
        "for_you": "cached",
        "new_for_you": "none",
        "trending": "cached",
    }
    assert (found.predictions, found.features, found.status) == ({}, {}, None)
    now[0] += timedelta(days=8)
    with pytest.raises(StoreUnreachableError, match="no cached overall list is left"):
        client.screen("ann")


def test_beside_an_item(place: Any) -> None:
    client = place.client()
    assert client.similar("a/b").items[0] == "items_similar:a/b:0"
    assert client.similar("a/b", "bought_together").rung == "item"
    assert client.similar("unknown").rung == "none"


@pytest.mark.parametrize("user", HOSTILE)
def test_any_text_is_an_id(place: Any, user: str) -> None:
    answer = place.client().recommendations(user)
    assert answer.rung == ("user" if user else "everybody")
    assert place.client().recommendations(user + "\ud800").rung == "everybody"


def test_mistakes_of_the_caller_are_told(place: Any) -> None:
    client = place.client()
    with pytest.raises(ValueError, match=r"surface is 'nope'; there are .*for_you"):
        client.recommendations("ann", "nope")
    with pytest.raises(ValueError, match="k is 0"):
        client.recommendations("ann", k=0)


def test_expired_rows_are_not_served(place: Any) -> None:
    client = place.client(clock=lambda: NOW + timedelta(days=8), fallback=["z", "y"])
    answer = client.recommendations("ann")
    assert (answer.rung, answer.items, answer.is_stale, answer.expired) == ("fallback", ("z", "y"), True, True)
    assert client.predictions("ann").views == {}
    assert client.served().generation == ""


def test_an_old_night_says_so(place: Any) -> None:
    answer = place.client(clock=lambda: NOW + timedelta(days=2)).recommendations("ann")
    assert (answer.rung, answer.is_stale, answer.age_seconds) == ("user", True, 54 * 3600)


def test_the_next_generation_is_seen_at_once(place: Any) -> None:
    client = place.client()
    client.recommendations("ann")
    publish(place.writer, salt="new:", content="1" * 16)
    assert client.recommendations("ann").items[0] == "new:recs_for_you:ann:0"
    publish(place.writer, content="2" * 16, without=("recs_for_you",))
    assert client.recommendations("ann").rung == "segment"
    assert client.served().generation == "2025-03-03-22222222"


def test_without_a_store_the_last_list_for_everybody(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, late = place.client(), [NOW]
    client._clock = lambda: late[0]
    filled = place.client(fallback=["z"], clock=lambda: late[0])

    def away(*_: Any) -> None:
        raise StoreUnreachableError("the store is away")

    for each in (client, filled):
        monkeypatch.setattr(each._reader, "read", away)
    answer = client.recommendations("ann")
    assert (answer.rung, answer.items[0], answer.key) == ("cached", "everybody_for_you:everybod:0", "ann")
    assert client.similar("i1").rung == client.recommendations("ann", "buy_again").rung == "none"
    assert client.predictions("ann").views == {}
    assert (answer.age_seconds, answer.is_stale) == (6 * 3600, False)
    late[0] += timedelta(days=2)
    answer = client.recommendations("ann")
    assert (answer.rung, answer.age_seconds, answer.is_stale) == ("cached", 54 * 3600, True)
    late[0] += timedelta(days=6)
    assert filled.recommendations("ann").rung == "fallback"
    with pytest.raises(StoreUnreachableError, match="away; no cached overall list is left"):
        client.recommendations("ann")


def test_an_emptied_store_leaves_the_last_list_and_a_list_that_went_by_a_publish_is_gone(place: Any) -> None:
    client = place.client()
    publish(place.writer, without=("everybody_trending", "segment_trending"), content="1" * 16)
    assert client.recommendations("nobody", "trending").rung == "none"
    place.writer.replace({})
    answer = client.recommendations("ann", k=1)
    assert (answer.rung, answer.items, answer.key) == ("cached", ("everybody_for_you:everybod:0",), "ann")
    assert [one.rung for one in client.recommendations_batch(["ann", "nobody"], "buy_again")] == ["none", "none"]
    assert client.screen("ann").lists["discover"].rung == "cached"
    assert client.served().generation == ""
    publish(place.writer, content="2" * 16)
    assert client.recommendations("ann").rung == "user"


def test_answers_are_those_of_feast(place: Any) -> None:
    views = ["recs_for_you", "churn", "user_activity", "user_item_affinity", "user_category_affinity"]
    views += ["conversion", "value", "return_visit", "user_segment", "user_stage", "send_time", "next_interest"]
    names = {view.name: [field.name for field in view.features] for view in place.feast.list_feature_views()}
    features = [f"{view}:{column}" for view in views for column in names[view]]
    theirs = place.feast.get_online_features(
        features=features, entity_rows=[{"user_id": "ann"}], full_feature_names=True
    ).to_dict()
    found = place.client().snapshot("ann")
    rows = {**found.features, **found.predictions}
    for view, row in rows.items():
        assert row.columns == {column: theirs[f"{view}__{column}"][0] for column in row.columns}
        assert row.stamps.expires_at == theirs[f"{view}__expires_at"][0]
    own = found.lists["for_you"]
    assert [list(own.items), list(own.scores)] == [theirs[f"recs_for_you__{name}"][0] for name in ("items", "scores")]


def test_rows_that_cannot_be_understood_are_no_rows(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = place.client()
    read = client._reader.read

    def broken(asks: Any) -> Any:
        return [{n: dict.fromkeys(row, b"\x62\xff\x01") for n, row in rows.items()} for rows in read(asks)]

    monkeypatch.setattr(client._reader, "read", broken)
    assert client.recommendations("ann", "buy_again").rung == "none"
    assert client.predictions("ann").views == {}
    assert client.snapshot("ann").features == {}


def test_a_store_that_comes_back_is_read_again(home: Any, redis_server: Any) -> None:
    from nightjar_client.redis_reader import RedisReader
    from nightjar_client.views import OnlineView

    view = OnlineView("churn", "user_id", ("probability",), "prediction")
    reader = RedisReader(redis_server.address, "sample")
    assert len(reader.read([("ann", (view,))])) == 1
    server = redis_server.client()
    for connection in server.client_list():
        server.client_kill_filter(_id=connection["id"], skipme=True)
    assert len(reader.read([("ann", (view,))])) == 1
    away = RedisReader("127.0.0.1:1", "sample")
    with pytest.raises(StoreUnreachableError, match="cannot be read"):
        away.read([("ann", (view,))])
