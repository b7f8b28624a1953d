import io

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from jobs.evaluation.evaluation_plots import plot_learning_curve, plot_score_calibration
from jobs.evaluation.score_calibration import compute_score_bins


def test_bins_are_of_equal_size_and_rise_where_scores_are_right():
    lists = np.tile(np.arange(20, dtype=np.int32), (5, 1))
    scores = 20.0 - lists
    relevant = csr_matrix((lists < 5).astype(float))
    bins = compute_score_bins(lists, scores, relevant)
    assert bins.counts.tolist() == [10] * 10
    assert bins.observed.tolist() == [0] * 7 + [0.5, 1, 1]
    assert bins.rate == 0.25
    assert bins.predicted is None


def test_equal_scores_share_what_they_have_and_padding_is_left_out():
    lists = np.array([[0, 1, -1], [1, 0, -1]], dtype=np.int32)
    bins = compute_score_bins(lists, np.full((2, 3), 0.5), csr_matrix([[1.0, 0], [1, 0]]), are_probabilities=True)
    assert bins.observed.tolist() == [0.5] * 4
    assert bins.predicted.tolist() == [0.5] * 4
    assert bins.counts.sum() == 4


def test_no_list_has_no_bins():
    bins = compute_score_bins(np.full((2, 3), -1, np.int32), np.zeros((2, 3)), csr_matrix((2, 4)))
    assert (len(bins.observed), bins.rate) == (0, 0)


@pytest.mark.parametrize("are_probabilities", [True, False])
def test_the_picture_has_a_bar_a_bin(are_probabilities):
    lists = np.arange(30, dtype=np.int32)[None]
    bins = compute_score_bins(lists, lists / 30, csr_matrix(np.ones((1, 30))), are_probabilities)
    figure = plot_score_calibration(bins, "Scores")
    assert len(figure.axes[0].patches) == 10
    assert len(figure.axes[0].lines) == 1 + are_probabilities


def test_the_learning_curve_marks_the_round_that_was_kept():
    figure = plot_learning_curve({"train": [0.1, 0.2, 0.3], "validation": [0.1, 0.2, 0.1]}, 2, "ndcg_at_10", "Trees")
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    assert [line.get_label() for line in figure.axes[0].lines] == ["train", "validation", "kept: 2"]
    assert figure.axes[0].get_ylabel() == "nDCG at 10"
