"""The best scores are those of a full sort, whether most are zeros or none is."""

import numpy as np
import pytest

from jobs.models.two_stage.best_scores import best_scores, last_of_best


def scores_of(share: float) -> np.ndarray:
    rng = np.random.default_rng(3)
    drawn = rng.integers(1, 40, (30, 50)).astype(np.float32) / 8
    return np.where(rng.random(drawn.shape) < share, drawn, np.float32(0))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.9, 1.0])
def test_they_are_those_of_a_full_sort(share: float) -> None:
    scores = scores_of(share)
    ordered = np.sort(scores, axis=1)[:, -10:]
    assert np.array_equal(best_scores(scores, 10), ordered)
    assert np.array_equal(last_of_best(scores, 10), ordered[:, :1])


def test_what_is_below_zero_is_nothing() -> None:
    scores = np.array([[-3, 2, -1, 0, 1], [-1, -2, -3, -4, -5]], dtype=np.float32)
    assert best_scores(scores, 3).tolist() == [[0, 1, 2], [0, 0, 0]]
    assert last_of_best(scores, 2).tolist() == [[1], [0]]
