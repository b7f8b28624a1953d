import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.popularity import PopularityRecommender
from jobs.models.served_recommender import ServedRecommender, _load_pyfunc, build_example

ROWS = [("user-1", "a", 3.0), ("user-1", "b", 2.0), ("user-2", "c", 1.0)]
HISTORY = Interactions.from_frame(pd.DataFrame(ROWS, columns=["user_id", "item_id", "weight"]))


@pytest.fixture
def served():
    return ServedRecommender(PopularityRecommender().fit(HISTORY))


def test_rows_keep_their_order_and_key(served):
    frame = pd.DataFrame({"key": ["y", "x"], "items": [["a", "unknown"], []], "weights": [[1.0, 1.0], []]})
    made = served.predict(frame)
    assert made.to_dict("list") == {
        "key": ["y", "x"],
        "items": [["b", "c"], ["a", "b", "c"]],
        "scores": [[2, 1], [3, 2, 1]],
    }


def test_parameters_of_a_call(served):
    frame = pd.DataFrame({"key": ["x"], "items": [["a"]], "weights": [[1.0]]})
    assert served.predict(frame, {"k": 1, "exclude_seen": False})["items"].tolist() == [["a"]]


def test_lists_of_unequal_length_are_refused(served):
    frame = pd.DataFrame({"key": ["x"], "items": [["a"]], "weights": [[]]})
    with pytest.raises(ModelError, match="'x' has 1 items and 0 weights"):
        served.predict(frame)


def test_mlflow_loads_it_from_the_folder(served, tmp_path):
    PopularityRecommender().fit(HISTORY).save(tmp_path)
    frame = build_example(HISTORY, "secret")
    assert _load_pyfunc(str(tmp_path)).predict(frame).equals(served.predict(frame))


def test_the_example_is_small_and_names_no_user():
    example = build_example(HISTORY, "secret", n_users=1, n_items=1)
    assert example["items"].tolist() == [["a"]]
    assert example["weights"].tolist() == [[3.0]]
    assert "user" not in example.to_json()
