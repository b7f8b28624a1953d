import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions


def frame(*rows):
    return pd.DataFrame(rows, columns=["user_id", "item_id", "weight"])


def test_ids_are_sorted_and_repeated_pairs_added_up():
    made = Interactions.from_frame(frame(("u2", "b", 1.0), ("u1", "a", 2.0), ("u2", "b", 0.5), ("u10", "c", 3.0)))
    assert made.users.tolist() == ["u1", "u10", "u2"]
    assert made.items.tolist() == ["a", "b", "c"]
    assert made.weights.toarray().tolist() == [[2, 0, 0], [0, 0, 3], [0, 1.5, 0]]
    assert made.weights.dtype == np.float32


@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(order):
    rows = [(f"u{i % 2}", f"i{i % 3}", 0.1 * (i + 1)) for i in range(8)]
    expected = Interactions.from_frame(frame(*rows))
    made = Interactions.from_frame(frame(*[rows[i] for i in order]))
    assert made.weights.data.tobytes() == expected.weights.data.tobytes()
    assert made.weights.indices.tobytes() == expected.weights.indices.tobytes()


def test_alignment_drops_unknown_items_and_users_and_keeps_empty_rows():
    made = Interactions.from_frame(frame(("u1", "a", 1.0), ("u1", "c", 2.0), ("u3", "c", 3.0)))
    aligned = made.aligned_to(np.array(["b", "c"]), np.array(["u0", "u1"]))
    assert aligned.toarray().tolist() == [[0, 0], [0, 2]]


def test_an_empty_frame_is_no_error():
    made = Interactions.from_frame(frame().astype({"weight": float}))
    assert made.weights.shape == (0, 0)
    assert made.aligned_to(np.array(["a"]), np.array(["u"])).shape == (1, 1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (frame(("u", "a", 0.0)), "1 weights that are not finite"),
        (frame(("u", "a", float("nan"))), "1 weights that are not finite"),
        (frame((None, "a", 1.0)), "1 rows with no user_id"),
        (frame(("u", "a", 1.0)).drop(columns="weight"), "lack the columns"),
    ],
)
def test_bad_rows_are_refused(rows, message):
    with pytest.raises(ModelError, match=message):
        Interactions.from_frame(rows)
