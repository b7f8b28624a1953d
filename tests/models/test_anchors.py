from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.models.anchors import find_anchors
from jobs.models.lists import Lists

MODEL = SimpleNamespace(item_factors=np.array([[1, 0], [2, 0.2], [0, 1], [0.1, 3], [0, 0]], dtype=np.float32))


def lists(*rows):
    items = np.array(rows, dtype=np.int32)
    return Lists(items=items, scores=np.zeros(items.shape, dtype=np.float32))


def history(*rows):
    return csr_matrix(np.array(rows, dtype=np.float32))


def test_the_nearest_item_had_is_the_anchor():
    assert find_anchors(MODEL, history([1, 0, 1, 0, 0]), lists([1, 3])).tolist() == [[0, 2]]


def test_a_large_weight_outdoes_a_small_angle():
    assert find_anchors(MODEL, history([0, 0, 1, 50, 0]), lists([1])).tolist() == [[3]]


def test_an_item_is_not_its_own_anchor():
    assert find_anchors(MODEL, history([1, 1, 0, 0, 0]), lists([0])).tolist() == [[1]]
    assert find_anchors(MODEL, history([1, 0, 0, 0, 0]), lists([0])).tolist() == [[-1]]


def test_nothing_speaks_for_padding_for_strangers_or_without_history():
    assert find_anchors(MODEL, history([1, 0, 0, 0, 0]), lists([2, 4, -1])).tolist() == [[-1, -1, -1]]
    assert find_anchors(MODEL, history([0, 0, 0, 0, 0]), lists([1])).tolist() == [[-1]]


def test_equals_go_to_the_lower_position():
    twins = SimpleNamespace(item_factors=np.ones((3, 2), dtype=np.float32))
    assert find_anchors(twins, history([1, 1, 0]), lists([2])).tolist() == [[0]]


def test_other_shapes_are_refused():
    with pytest.raises(ModelError, match="history has shape"):
        find_anchors(MODEL, history([1, 0]), lists([1]))
