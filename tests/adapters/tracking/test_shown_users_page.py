from datetime import date
from html.parser import HTMLParser

import pytest

from jobs.adapters.tracking.shown_users_page import render_shown_users
from jobs.core.visible import visible
from jobs.datasets.shown_users import ShownItem, ShownUser

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "{{ 7 * 7 }}",
    "</style></table>",
    "\u202egpj.exe",
    "\u2066\u200f",
    "nul\x00byte",
    "javascript:alert(1)",
)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def user(item, method="two_stage"):
    lists = {"a.b": (item,), method: (item, item)}
    return ShownUser("0123456789abcdef", 3, 1, (item,), lists, {"a.b": 1, method: 2}, (item,))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_ids_titles_and_names_stay_text(text):
    item = ShownItem(text, text, "note", True, True)
    page = Page(render_shown_users([user(item, text)], text, date(2025, 3, 9), 14))
    calm = ShownItem("id", "title", "note", True, True)
    known = Page(render_shown_users([user(calm)], "name", date(2025, 3, 9), 14))
    assert page.tags == known.tags
    assert page.attributes == known.attributes
    assert page.texts.count(visible(text)) >= 10
    assert not any(mark in "".join(page.texts) for mark in ("\u202e", "\u2066", "\u200f", "\x00"))


def test_the_page_needs_nothing_else():
    page = Page(render_shown_users([user(ShownItem("id", "title"))], "name", date(2025, 3, 9), 14))
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}


def test_numbers_hits_and_marks():
    item = ShownItem("id", "title", "2 times", True, True)
    text = render_shown_users([user(item), user(item)], "name", date(2025, 3, 9), 14)
    assert "judged on the 14 days after 2025-03-09" in text
    assert text.count('class="number">2<') == 1
    assert text.count('class="number">4<') == 1
    assert text.count("✓") == 1 + 2 * 5  # the legend, and all five cells of each user


def test_a_title_that_is_missing_is_the_id():
    page = Page(render_shown_users([user(ShownItem("id-1", ""))], "name", date(2025, 3, 9), 14))
    assert page.texts.count("id-1") == 5


def test_nobody_to_show():
    assert "Nobody could be judged" in render_shown_users([], "name", date(2025, 3, 9), 14)
