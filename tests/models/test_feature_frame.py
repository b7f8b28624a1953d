import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.models.feature_frame import as_numbers, in_order


def test_columns_take_the_order_of_training():
    assert in_order(pd.DataFrame({"b": [1], "a": [2]}), ["a", "b"]).columns.tolist() == ["a", "b"]


def test_other_columns_are_named():
    with pytest.raises(ModelError, match=r"missing \['a'\], unexpected \['b'\]"):
        in_order(pd.DataFrame({"b": [1]}), ["a"])


def test_booleans_integers_and_nullable_numbers_become_floats():
    frame = pd.DataFrame({"b": [True, False], "n": pd.array([1, None], dtype="Int64")})
    made = as_numbers(frame)
    assert made["b"].tolist() == [1.0, 0.0]
    assert made["n"].isna().tolist() == [False, True]
    assert {str(kind) for kind in made.dtypes} == {"float64"}


def test_text_is_named():
    with pytest.raises(ModelError, match=r"not: \['country'\]"):
        as_numbers(pd.DataFrame({"country": ["DE"]}))
