import io

import numpy as np

from jobs.evaluation.classification import Calibration
from jobs.evaluation.plots import plot_calibration, plot_comparison, plot_importance


def drawn(figure):
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    assert stream.getvalue().startswith(b"\x89PNG")
    return figure.axes[0]


def test_calibration_shows_every_bin():
    bins = Calibration(np.array([0.1, 0.9]), np.array([0.2, 0.8]), np.array([5, 5]))
    axes = drawn(plot_calibration(bins, "Churn"))
    assert axes.get_title() == "Churn"
    assert axes.lines[1].get_xydata().tolist() == [[0.1, 0.2], [0.9, 0.8]]


def test_importance_is_sorted_cut_and_adds_up():
    axes = drawn(plot_importance({"a": 1.0, "c": 6.0, "b": 1.0, "d": 0.0}, "Gain", n_most=3))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "a", "b"]
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.125, 0.125]


def test_importance_of_trees_without_a_split():
    assert [bar.get_width() for bar in drawn(plot_importance({"a": 0.0}, "Gain")).patches] == [0]


def test_comparison_has_a_bar_for_each_source_and_metric():
    axes = drawn(plot_comparison({"als": {"ndcg": 0.3, "recall": 0.2}, "popularity": {"ndcg": 0.1}}, "Sources"))
    heights = [bar.get_height() for bar in axes.patches]
    assert heights[:3] == [0.3, 0.2, 0.1]
    assert np.isnan(heights[3])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["als", "popularity"]
