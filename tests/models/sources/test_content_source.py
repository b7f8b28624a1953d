import numpy as np
import pytest
from source_worlds import bought, past_of

from jobs.core.errors import ModelError
from jobs.models.sources.content import Content

TITLES = {"a": "Red shoe", "b": "red HAT", "c": "shoe, blue!", "d": "lamp"}


def test_words_weigh_by_how_few_items_have_them():
    past = past_of([bought("u", "a", 0), bought("u", "d", 0)], titles=TITLES)
    source = Content(popularity_power=0.0).fit(past)
    # "red" and "shoe" are had by two of four items each, the other words by one, so by none to compare with.
    half = 1 / np.sqrt(2)
    assert np.allclose(source.score(past.history)[0], [1, half, half, 0], atol=1e-6)


def test_a_category_links_what_no_word_links_and_is_no_word():
    past = past_of([bought("u", "a", 0)], titles={"a": "tea"}, categories={"a": "x", "b": "x", "c": "tea"})
    assert Content(popularity_power=0.0).fit(past).score(past.history)[0].tolist() == [1, 1, 0]


def test_the_weight_of_the_category_is_in_words():
    titles, categories = {"a": "red", "b": "red", "c": "blue"}, {"a": "x", "b": "y", "c": "x", "d": "y"}
    past = past_of([bought("u", "a", 0)], titles=titles, categories=categories)
    scores = Content(category_weight=2.0, popularity_power=0.0).fit(past).score(past.history)[0]
    assert np.allclose(scores, [1, 1 / 5, 2 / np.sqrt(5), 0], atol=1e-6)


def test_items_that_nobody_touched_are_reached_and_known_ones_come_first():
    past = past_of([bought("u", "a", 0), bought("v", "b", 0)], titles=TITLES)
    scores = Content(popularity_power=1.0).fit(past).score(past.history)[0]
    assert scores[1] == pytest.approx(2 * scores[2])
    assert scores[2] > 0


@pytest.mark.parametrize(
    ("titles", "message"),
    [({}, "no item has a title or a category"), ({"a": "one", "b": "two"}, "no two items share a word")],
)
def test_nothing_to_compare_by_is_refused(titles, message):
    with pytest.raises(ModelError, match=message):
        Content().fit(past_of([bought("u", "a", 0)], titles=titles))
