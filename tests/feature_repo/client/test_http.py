"""The routes over real sockets: answers, mistakes of callers, tags, compression, health."""

import gzip
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from http_server import serving
from prometheus_client.parser import text_string_to_metric_families
from tiny_store import HOSTILE, NOW, publish

from nightjar_client import StoreUnreachableError
from nightjar_client.http.settings import MAX_ID_BYTES

_ANN = "/v1/users/ann/recommendations"


def test_lists_and_predictions_of_a_user(place: Any) -> None:
    client = place.client()
    with serving(client) as ask:
        reply = ask(_ANN + "?k=2&exclude=recs_for_you:ann:0").json
        expected = client.recommendations("ann", k=2, exclude=["recs_for_you:ann:0"])
        assert (reply["user_id"], reply["items"], reply["rung"]) == ("ann", list(expected.items), "user")
        assert (reply["age_seconds"], reply["expires_at"]) == (21600, "2025-03-11T00:00:00Z")
        other = ask("/v1/users/nobody/recommendations?surface=trending&context=GB%7Cweb%7C*").json
        assert (other["rung"], other["items"][0]) == ("context", "context_trending:GB|web|*:0")
        found = ask("/v1/users/ann/predictions").json
        assert found["predictions"]["churn"]["probability"] == 0.25
        assert (found["generation"], found["age_seconds"]) == ("2025-03-03-00000000", 21600)
        screen = ask("/v1/users/ann/screen?k=1&surfaces=trending,for_you&surfaces=discover").json
        assert {name: one["items"] for name, one in screen["lists"].items()} == {
            name: [f"recs_{name}:ann:0"] for name in ("trending", "for_you", "discover")
        }
        assert screen["predictions"] == found["predictions"]
        assert set(screen["features"]) == {"user_activity", "user_item_affinity", "user_category_affinity"}
        assert (screen["generation"], screen["age_seconds"]) == ("2025-03-03-00000000", 21600)
        assert list(ask("/v1/users/nobody/screen").json["lists"]) == list(client.surfaces)
        beside = ask("/v1/items/a%2Fb/similar?surface=bought_together").json
        assert (beside["item_id"], beside["items"][0]) == ("a/b", "items_bought_together:a/b:0")


def test_items_left_out_may_hold_a_comma(place: Any) -> None:
    publish(place.writer, salt="a,b")
    with serving(place.client()) as ask:
        left_out = f"exclude=x,y&exclude_item={quote('a,brecs_for_you:ann:1')}&exclude_item=z"
        assert ask(f"{_ANN}?{left_out}").json["items"] == ["a,brecs_for_you:ann:0", "a,brecs_for_you:ann:2"]
        assert len(ask(_ANN + "?exclude=" + quote("a,brecs_for_you:ann:1")).json["items"]) == 3


def test_a_batch(place: Any) -> None:
    with serving(place.client()) as ask:
        sent = {"user_ids": ["nobody", "ann"], "k": 1, "context": "GB|web|*"}
        reply = ask("/v1/recommendations:batch", "POST", sent).json["recommendations"]
    assert [(one["user_id"], one["rung"], len(one["items"])) for one in reply] == [
        ("nobody", "context", 1),
        ("ann", "user", 1),
    ]


def test_any_text_is_an_id(place: Any) -> None:
    with serving(place.client()) as ask:
        for user in HOSTILE:
            reply = ask(f"/v1/users/{quote(user, safe='')}/recommendations")
            if 0 < len(user.encode()) <= MAX_ID_BYTES:
                assert (reply.status, reply.json["user_id"], reply.json["rung"]) == (200, user, "user")
            else:
                assert (reply.status, "an id" in reply.json["detail"]) == (400, True)
        batch = [user for user in HOSTILE if 0 < len(user.encode()) <= MAX_ID_BYTES]
        lists = ask("/v1/recommendations:batch", "POST", {"user_ids": batch}).json["recommendations"]
    assert [(one["user_id"], one["rung"]) for one in lists] == [(user, "user") for user in batch]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_mistakes_are_told_in_one_sentence(place: Any) -> None:
    batch = "/v1/recommendations:batch"
    mistakes: list[tuple[int, str, tuple[Any, ...]]] = [
        (400, "surface is one of because_you, ", (_ANN + "?surface=nope",)),
        (400, "k is a whole number from 1 to 100", (_ANN + "?k=0",)),
        (400, "k is a whole number", (_ANN + "?k=%D9%A3",)),
        (400, "there is no parameter 'K'", (_ANN + "?K=3",)),
        (400, "this path takes none", ("/v1/users/ann/predictions?k=3",)),
        (400, "k is given twice", (_ANN + "?k=3&k=4",)),
        (400, "surface is given twice", (_ANN + "?surface=for_you&surface=trending",)),
        (400, "surfaces are of because_you, ", ("/v1/users/ann/screen?surfaces=nope",)),
        (400, "there is no parameter 'surface'", ("/v1/users/ann/screen?surface=for_you",)),
        (400, "exclude is at most 500 item ids", (_ANN + "?exclude=" + "a," * 501,)),
        (400, "not UTF-8", ("/v1/users/%ff/predictions",)),
        (400, "not UTF-8", (_ANN + "?context=%ff",)),
        (404, "there is no such path", ("/v1/users/a/b/recommendations",)),
        (405, "read by GET", (_ANN, "DELETE")),
        (405, "sent by POST", (batch,)),
        (400, "not JSON", (batch, "POST", b"{")),
        (400, "1 to 500 ids", (batch, "POST", {"user_ids": []})),
        (400, "1 to 500 ids", (batch, "POST", {"user_ids": ["a"] * 501})),
        (400, "an id is a text", (batch, "POST", {"user_ids": [1]})),
        (400, "k is a whole number", (batch, "POST", {"user_ids": ["a"], "k": True})),
        (400, "k is a whole number", (batch, "POST", {"user_ids": ["a"], "k": "5"})),
        (413, "at most 1048576 bytes", (batch, "POST", b" " * (2 << 20))),
    ]
    with serving(place.client()) as ask:
        for status, told, asked in mistakes:
            reply = ask(*asked)
            assert (reply.status, told in reply.json["detail"]) == (status, True), (asked[0][:60], reply)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_key_guards_what_is_read(place: Any) -> None:
    with serving(place.client(), api_key="s3cret") as ask:
        assert [ask(_ANN).status, ask(_ANN, X_API_Key="wrong").status] == [401, 401]
        assert ask(_ANN, X_API_Key="s3cret").status == 200
        for scheme in ("Bearer", "bearer"):
            assert ask(_ANN, Authorization=f"{scheme} s3cret").status == 200
        assert ask(_ANN, Authorization="Basic s3cret").headers["www-authenticate"] == "Bearer"
        schemes = ask("/openapi.json").json["components"]["securitySchemes"]
        assert {one["type"] for one in schemes.values()} == {"apiKey", "http"}
        assert ask("/healthz").status == 200


def test_tags_change_with_the_generation_and_not_with_the_age(place: Any) -> None:
    now = [NOW]
    with serving(place.client(clock=lambda: now[0])) as ask:
        tag = ask(_ANN).headers["etag"]
        now[0] += timedelta(hours=1)
        assert tag.startswith('W/"2025-03-03-00000000.')
        assert ask(_ANN).headers["etag"] == tag
        again = ask(_ANN, If_None_Match=f'"other", {tag}')
        assert (again.status, again.body) == (304, b"")
        for known in (tag.removeprefix("W/"), "*"):
            assert ask(_ANN, If_None_Match=known).status == 304
        publish(place.writer, content="1" * 16)
        assert ask(_ANN, If_None_Match=tag).headers["etag"].startswith('W/"2025-03-03-11111111.')


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_long_answers_are_compressed_for_those_who_take_it(place: Any) -> None:
    sent = {"user_ids": ["ann"] * 20}
    with serving(place.client()) as ask:
        plain = ask("/v1/recommendations:batch", "POST", sent)
        small = ask("/v1/recommendations:batch", "POST", sent, Accept_Encoding="br, gzip")
        refused = ask("/v1/recommendations:batch", "POST", sent, Accept_Encoding="gzip;q=0, br")
        weighed = ask("/v1/recommendations:batch", "POST", sent, Accept_Encoding="br;q=1, GZIP; q=0.5")
    assert small.headers["content-encoding"] == "gzip"
    assert (refused.body, weighed.body) == (plain.body, small.body)
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) < len(plain.body) / 4


def test_readiness(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now, client = [NOW], place.client()
    client._clock = lambda: now[0]
    with serving(client, ready_hours=48) as ask:
        ready = ask("/readyz")
        assert (ready.status, ready.json["status"], ready.json["generation"]) == (200, "ready", "2025-03-03-00000000")
        now[0] += timedelta(days=3)
        assert (ask("/readyz").status, ask("/readyz").json["status"]) == (503, "stale")
        now[0] += timedelta(days=9)
        assert (ask("/readyz").status, ask("/readyz").json["status"]) == (503, "empty")
        place.writer.replace({})
        now[0] = NOW
        assert (ask("/readyz").status, ask("/readyz").json["status"]) == (503, "empty")
        publish(place.writer)
        assert ask("/readyz").status == 200

        def away(*_: Any) -> None:
            raise StoreUnreachableError("the store is away")

        monkeypatch.setattr(client._reader, "read", away)
        assert (ask("/readyz").status, ask("/readyz").json["status"]) == (503, "unreachable")
        assert ask(_ANN).json["rung"] == "cached"
        assert "nightjar_age_seconds NaN" in ask("/metrics").body.decode()
        for path, status in (("/healthz", 200), ("/readyz", 503)):
            assert (ask(path).status, ask(path, "HEAD").status, ask(path, "HEAD").body) == (status, status, b"")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_metrics(place: Any) -> None:
    with serving(place.client()) as ask:
        ask(_ANN)
        ask(_ANN + "?k=0")
        ask("/v1/nowhere")
        ask(_ANN, "POST")
        text = ask("/metrics").body.decode()
    assert {family.name for family in text_string_to_metric_families(text)} >= {"nightjar_requests", "nightjar_stale"}
    for name in (
        'nightjar_request_seconds_bucket{le="0.005",route="recommendations"}',
        'nightjar_requests_total{route="recommendations",status="200"}',
        'nightjar_requests_total{route="recommendations",status="400"}',
        'nightjar_requests_total{route="recommendations",status="405"}',
        'nightjar_requests_total{route="other",status="404"}',
        'nightjar_rungs_total{rung="user",surface="for_you"}',
        "nightjar_age_seconds 21600.0",
    ):
        assert name in text


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_openapi_tells_what_is_answered(place: Any) -> None:
    with serving(place.client()) as ask:
        api = ask("/openapi.json").json
        shapes = api["components"]["schemas"]
        given = {
            "UserList": ask(_ANN).json,
            "ItemList": ask("/v1/items/i1/similar").json,
            "PredictionsAnswer": ask("/v1/users/ann/predictions").json,
            "ScreenAnswer": ask("/v1/users/ann/screen").json,
            "Problem": ask(_ANN + "?k=0").json,
        }
        for name, answer in given.items():
            examples = shapes[name].get("examples", [])
            assert {*map(frozenset, [shapes[name]["properties"], *examples])} == {frozenset(answer)}
            for one in (answer, *examples):
                jsonschema.validate(one, {**shapes[name], "components": api["components"]})
        assert shapes["Batch"]["examples"][0]["user_ids"]
        for path in (path for path in api["paths"] if path.startswith("/v1/")):
            method = "POST" if "post" in api["paths"][path] else "GET"
            reply = ask(re.sub(r"\{\w+\}", "i1", path), method, {"user_ids": ["ann"]} if method == "POST" else None)
            assert reply.status == 200, path
            assert "422" not in api["paths"][path][method.lower()]["responses"]
