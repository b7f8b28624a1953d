"""The page /demo as a person meets it, in a real Chromium."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chromium import Page, browser, program
from http_server import serving
from tiny_store import NOW, publish

pytestmark = [
    pytest.mark.skipif(program() is None, reason="no Chromium on PATH; install Debian's package chromium"),
    pytest.mark.parametrize("place", ["sqlite"], indirect=True),
]
_SHELVES = "[...document.querySelectorAll('#shelves h2')].map(h => h.textContent)"
_CARDS = "[...document.querySelectorAll('#shelves .card')].map(c => c.textContent)"
_TEXT = "document.querySelector('main').innerText"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as page:
        yield page


def _show(page: Page, user: str) -> None:
    page.script("document.querySelector('#user').value = ''; document.querySelector('#user').focus()")
    page.type(user)
    page.click("#go")
    page.wait("document.body.dataset.done")


def test_what_an_app_would_show(page: Page, place: Any) -> None:
    with serving(place.client()) as ask:
        page.open(f"http://127.0.0.1:{ask.port}/demo?user=ann")
        shelves, cards, text = page.script(_SHELVES), page.script(_CARDS), page.script(_TEXT)
        assert shelves[:2] == ["For youmade for this user", "Discovermade for this user"]
        assert "Because you had i1made for this user" in shelves
        assert cards[:3] == [
            "3recs_for_you:ann:0because of i1",
            "2recs_for_you:ann:1like this taste",
            "1.5recs_for_you:ann:2popular",
        ]
        assert "Night of 2025-03-03, 6 hours old. Generation 2025-03-03-00000000." in text
        assert "probability: 0.25" in text
        assert page.script("document.querySelector('#warn').hidden") is True
    assert page.problems == []


def test_users_are_typed_and_remembered(page: Page, place: Any) -> None:
    with serving(place.client()) as ask:
        page.open(f"http://127.0.0.1:{ask.port}/demo?user=ann")
        _show(page, "otto")
        assert page.script(_SHELVES)[0] == "For youfor everybody"
        assert "None: this user opted out." in page.script(_TEXT)
        page.script("document.querySelector('#context').focus()")
        page.type("GB|web|*")
        page.press_enter()
        page.wait("document.body.dataset.done && document.querySelector('.rung').textContent == 'for this context'")
        assert page.script("[...document.querySelectorAll('#users option')].map(o => o.value)") == ["ann", "otto"]
        assert page.script("location.search") == "?user=otto&context=GB%7Cweb%7C*"


def test_an_id_is_text_and_nothing_else(page: Page, place: Any) -> None:
    hostile = "<img src=x onerror='window.hurt = 1'>"
    with serving(place.client()) as ask:
        page.open(f"http://127.0.0.1:{ask.port}/demo?user=ann")
        for user in (hostile, "o'hara/../x", "‮rtl‬", "🦉" * 10):
            _show(page, user)
            assert page.script(_SHELVES)[0].startswith("For you")
        publish(place.writer, salt=hostile, content="4" * 16)
        _show(page, "ann")
        assert page.script(_CARDS)[0].startswith(f"3{hostile}")
        assert page.script("[window.hurt ?? 0, document.querySelectorAll('img').length]") == [0, 0]


def test_what_is_wrong_is_said(page: Page, place: Any) -> None:
    late = place.client(clock=lambda: NOW + timedelta(days=2))
    with serving(late, api_key="s3cret") as ask:
        page.open(f"http://127.0.0.1:{ask.port}/demo?user=ann")
        assert "send the API key" in page.script(_TEXT)
        page.script("document.querySelector('#key').focus()")
        page.type("s3cret")
        _show(page, "ann")
        assert "a night is missing" in page.script(_TEXT)
        assert page.script("document.querySelectorAll('#shelves .card').length") > 0
        _show(page, "x" * 600)
        assert "an id has at most 512 bytes" in page.script(_TEXT)
