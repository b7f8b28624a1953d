"""Pictures of predictions show what they were given."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from jobs.evaluation.prediction_plots import plot_amounts, plot_curves, plot_lift, plot_shap_summary

LABEL = np.array([1.0, 0.0, 1.0, 0.0])
TOLD = np.array([0.9, 0.8, 0.7, 0.1])


def points(figure: Figure, axes: int = 0, line: int = 1) -> list[list[float]]:
    figure.canvas.draw()
    return figure.axes[axes].lines[line].get_xydata().tolist()


def test_curves_pass_every_threshold() -> None:
    figure = plot_curves(LABEL, TOLD, "churn")
    assert points(figure) == [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]
    assert points(figure, axes=1) == [[0.5, 1], [0.5, 0.5], [1, pytest.approx(2 / 3)], [1, 0.5]]


def test_equal_predictions_pass_a_threshold_together() -> None:
    assert points(plot_curves(LABEL, np.full(4, 0.5), "churn")) == [[0, 0], [1, 1]]


def test_lift_ends_with_everything_that_happened() -> None:
    found = points(plot_lift(LABEL, TOLD, "churn", n_points=4))
    assert found == [[0, 0], [0.25, 0.5], [0.5, 0.5], [0.75, 1], [1, 1]]


def test_amounts_in_bins_of_the_expectation() -> None:
    came, told = np.array([0.0, 2.0, 4.0, 8.0]), np.array([1.0, 3.0, 5.0, 7.0])
    assert points(plot_amounts(came, told, "value", n_bins=2)) == [[2, 1], [6, 6]]


def test_the_summary_of_shap_has_a_row_a_column_the_strongest_on_top() -> None:
    values = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 6.0]])
    added = np.array([[0.1, -2.0], [0.0, 1.0], [-0.1, 3.0]])
    figure = plot_shap_summary(["weak", "strong"], values, added, "churn")
    figure.canvas.draw()
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["strong (2.000)", "weak (0.067)"]
    strong = axes.collections[0]
    assert strong.get_offsets()[:, 0].tolist() == [-2, 1, 3]
    assert strong.get_array().tolist() == [0.5, 0, 1]
