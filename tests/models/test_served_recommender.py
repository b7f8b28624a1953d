import numpy as np
import pytest
import tiny_recommender as tiny

from jobs.core.errors import ModelError
from jobs.datasets.history_frames import HISTORY_COLUMNS, build_history_frame
from jobs.models.served_recommender import (
    OUTPUT_COLUMNS,
    ServedRecommender,
    _load_pyfunc,
    build_example,
    load_served,
)
from jobs.models.serving_facts import ServingFacts

PAST = tiny.build_past()
FRAME = build_history_frame(PAST.history)


@pytest.fixture
def served():
    return ServedRecommender(tiny.build_recommender(PAST), tiny.build_facts(PAST))


def best(candidates, values, user, k):
    """The plain way: rows of a user by value, equal ones by item."""
    rows = [row for row in range(len(candidates.user)) if candidates.user[row] == user]
    return sorted(rows, key=lambda row: (-values[row], candidates.item[row]))[:k]


def test_lists_are_the_model_s_own_candidates(served):
    candidates = tiny.build_recommender(PAST).candidates(PAST.history)
    made = served.predict(FRAME, {"k": 4})
    assert list(made.columns) == [column.name for column in OUTPUT_COLUMNS]
    for user, row in enumerate(made.to_dict("records")):
        expected = best(candidates, candidates.score, user, 4)
        assert row["key"] == PAST.history.users[user]
        assert row["items"] == PAST.items[candidates.item[expected]].tolist()
        assert row["scores"] == pytest.approx(candidates.score[expected].tolist(), rel=1e-5)
        assert (row["sources"], row["reasons"]) == (["item_item"] * 4, ["because_you_had"] * 4)


def test_discover_and_exclude_had_leave_out_what_the_user_had(served):
    had = PAST.history.only_goals()
    for params in ({"surface": "discover"}, {"exclude_had": True}):
        made = served.predict(FRAME, params)
        for user, items in enumerate(made["items"]):
            own = set(PAST.items[had.item[had.user == user]].tolist())
            assert items
            assert not own & set(items)


def test_rows_keep_their_order_and_keys_may_repeat(served):
    turned = FRAME.iloc[::-1].assign(key="me")
    made = served.predict(turned)
    assert made["key"].tolist() == ["me"] * len(FRAME)
    assert made["items"].tolist() == served.predict(FRAME)["items"].tolist()[::-1]


def test_what_nobody_may_have_is_on_no_list():
    facts = tiny.build_facts(PAST, unavailable=("item-3", "item-4"))
    made = ServedRecommender(tiny.build_recommender(PAST), facts).predict(FRAME)
    assert not {"item-3", "item-4"} & {item for items in made["items"] for item in items}


def test_a_stranger_gets_what_the_model_says_of_strangers():
    frame = FRAME.head(1).assign(**{name: [[]] for name in ("items", "ages", "moments", *PAST.history.counts)})
    popular = ServedRecommender(tiny.build_recommender(PAST, "popularity"), tiny.build_facts(PAST))
    made = popular.predict(frame, {"k": 3})
    assert (len(made["items"][0]), made["reasons"][0]) == (3, ["popular"] * 3)
    personal = ServedRecommender(tiny.build_recommender(PAST), tiny.build_facts(PAST))
    assert personal.predict(frame)["items"].tolist() == [[]]


def test_no_row_in_no_row_out(served):
    made = served.predict(FRAME.head(0))
    assert (list(made.columns), len(made)) == ([column.name for column in OUTPUT_COLUMNS], 0)


def test_mlflow_loads_it_from_the_folder(served, tmp_path):
    tiny.save(tmp_path, PAST)
    assert _load_pyfunc(str(tmp_path)).predict(FRAME).equals(served.predict(FRAME))


def test_equal_models_have_equal_files(tmp_path):
    for name in ("one", "two"):
        tiny.save(tmp_path / name, tiny.build_past(), unavailable=("item-3",))
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(files) >= 5
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_source_without_words_says_taste(monkeypatch):
    model = tiny.build_recommender(PAST)
    for reason, told in (("popular", "popular"), ("no such code", "like_your_taste")):
        monkeypatch.setattr(model.source, "reason", reason, raising=False)
        made = ServedRecommender(model, tiny.build_facts(PAST)).predict(FRAME.head(1), {"k": 1})
        assert made["reasons"].tolist() == [[told]]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"k": 0}, "k must be at least 1; got 0"),
        ({"surface": "home"}, "surface must be 'for_you' or 'discover'; got 'home'"),
        ({"n": 3}, r"no parameter \['n'\]"),
    ],
)
def test_a_call_that_asks_for_what_is_not_there(served, params, told):
    with pytest.raises(ModelError, match=told):
        served.predict(FRAME, params)


def test_facts_of_another_night_are_refused():
    with pytest.raises(ModelError, match="knows 8 items, its serving facts tell of 1"):
        ServedRecommender(tiny.build_recommender(PAST), ServingFacts("wants", np.ones(1, dtype=bool)))


def test_a_folder_without_facts_is_refused(tmp_path):
    tiny.build_recommender(PAST).save(tmp_path)
    with pytest.raises(ModelError, match=r"no readable model in .*serving"):
        load_served(tmp_path)


def test_the_example_is_small_and_names_no_user():
    example = build_example(PAST.history, "secret", n_users=2, n_rows=1)
    assert list(example.columns) == [column.name for column in HISTORY_COLUMNS]
    assert example["items"].tolist() == FRAME["items"].map(lambda items: items[:1]).tolist()[:2]
    assert tiny.USER not in example.to_json()
