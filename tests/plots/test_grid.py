from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from pellucid import plots

from .models import LABELS, POINTS, Always, HalfPlane


def sized(units):
    """A model that looks like a network of these hidden sizes from outside."""
    model = HalfPlane()
    model.layers = [SimpleNamespace(units=unit) for unit in (*units, 2)]
    return model


def test_titles_give_size_and_accuracy():
    axes = plots.hidden_size_grid([sized([3]), sized([20, 5])], POINTS, [0, 0, 1, 0])
    assert [ax.get_title() for ax in axes] == ["h = 3, accuracy 0.750", "h = 20, 5, accuracy 0.750"]


def test_a_mapping_names_the_sizes():
    axes = plots.hidden_size_grid({1: Always(0), 50: HalfPlane()}, POINTS, LABELS)
    assert [ax.get_title() for ax in axes] == ["h = 1, accuracy 0.500", "h = 50, accuracy 1.000"]


def test_one_hot_targets_are_compared_as_classes():
    (ax,) = plots.hidden_size_grid({1: HalfPlane()}, POINTS, np.eye(2)[LABELS])
    assert ax.get_title().endswith("accuracy 1.000")


def test_panels_fill_rows_and_only_the_outer_ones_are_labelled():
    axes = plots.hidden_size_grid({h: HalfPlane() for h in range(1, 6)}, POINTS, LABELS, columns=3)
    assert len(axes) == 5
    assert axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 3)
    assert [bool(ax.get_ylabel()) for ax in axes] == [True, False, False, True, False]
    # the last row is not full: labels on all panels, not on one of the first row only
    assert all(ax.get_xlabel() and ax.xaxis.get_tick_params()["labelbottom"] for ax in axes)


def test_a_full_grid_is_labelled_once_on_the_left_and_below():
    axes = plots.hidden_size_grid({h: HalfPlane() for h in range(1, 5)}, POINTS, LABELS, columns=2)
    assert [bool(ax.get_xlabel()) for ax in axes] == [False, False, True, True]
    assert [ax.xaxis.get_tick_params()["labelbottom"] for ax in axes] == [False, False, True, True]


def test_a_figure_given_is_drawn_into():
    figure = plt.figure()
    axes = plots.hidden_size_grid({1: HalfPlane()}, POINTS, LABELS, figure=figure, title="Sizes")
    assert axes[0].figure is figure
    assert figure.get_suptitle() == "Sizes"


def test_no_model_and_no_column_are_refused():
    with pytest.raises(ValueError, match="models is empty"):
        plots.hidden_size_grid([], POINTS, LABELS)
    with pytest.raises(ValueError, match="columns=0"):
        plots.hidden_size_grid({1: HalfPlane()}, POINTS, LABELS, columns=0)


def test_a_model_without_a_size_must_be_named():
    with pytest.raises(TypeError, match="give models as a mapping"):
        plots.hidden_size_grid([HalfPlane()], POINTS, LABELS)
