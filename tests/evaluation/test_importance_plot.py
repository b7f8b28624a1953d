import io

import pandas as pd

from jobs.evaluation.importance_plot import plot_feature_importance


def drawn(frame, n_most=25):
    """The axes, after drawing: a figure that cannot be drawn fails here."""
    figure = plot_feature_importance(frame, "title", n_most)
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return figure.axes[0]


def test_two_bars_a_feature_the_one_that_moves_most_on_top():
    frame = pd.DataFrame(
        {"feature": ["b", "a", "c"], "gain_share": [0.5, 0.4, 0.1], "mean_abs_shap": [1.0, 1.0, 2.0]}
    )
    axes = drawn(frame, n_most=2)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "a"]
    assert [round(bar.get_width(), 2) for bar in axes.patches] == [1.0, 0.5, 0.25, 1.0]
    assert {"2.000", "1.000"} <= {text.get_text() for text in axes.texts}


def test_trees_that_look_at_nothing():
    drawn(pd.DataFrame({"feature": ["a"], "gain_share": [0.0], "mean_abs_shap": [0.0]}))
    drawn(pd.DataFrame({"feature": [], "gain_share": [], "mean_abs_shap": []}))
