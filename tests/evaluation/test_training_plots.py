import io

import numpy as np
import pandas as pd
import pytest

from jobs.evaluation.score_bins import compute_score_bins
from jobs.evaluation.training_plots import plot_feature_importance, plot_learning_curves, plot_score_bins


def drawn(figure):
    """A figure that cannot be drawn fails here."""
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return figure.axes[0]


def test_curves_with_the_chosen_round():
    axes = drawn(plot_learning_curves({"all": [0.1, 0.3, 0.2], "new": [0.1]}, {"all": 2, "new": 9}, "nDCG", "t"))
    assert next(line.get_label() for line in axes.get_lines()) == "all"
    assert [text.get_text() for text in axes.texts] == ["2 rounds: 0.3000"]


def test_importance_has_two_bars_a_feature_the_one_that_moves_most_on_top():
    frame = pd.DataFrame(
        {"feature": ["b", "a", "c"], "gain_share": [0.5, 0.4, 0.1], "mean_abs_shap": [1.0, 1.0, 2.0]}
    )
    axes = drawn(plot_feature_importance(frame, "t", n_most=2))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "a"]
    assert [round(bar.get_width(), 2) for bar in axes.patches] == [1.0, 0.5, 0.25, 1.0]


@pytest.mark.parametrize("wanted", [np.zeros(40, dtype=bool), np.arange(40) > 30])
def test_bins_are_drawn(wanted):
    axes = drawn(plot_score_bins(compute_score_bins(np.arange(40.0), wanted, 4), "t"))
    assert axes.get_ylim()[0] == 0


def test_nothing_to_draw():
    drawn(plot_learning_curves({}, {}, "nDCG", "t"))
    drawn(plot_feature_importance(pd.DataFrame({"feature": [], "gain_share": [], "mean_abs_shap": []}), "t"))
    drawn(plot_score_bins(compute_score_bins(np.empty(0), np.empty(0, dtype=bool)), "t"))
