from itertools import pairwise

import numpy as np
import pytest

from pellucid import plots


def test_plain_numbers_become_one_line_counted_from_epoch_one():
    ax = plots.loss_curve([0.9, 0.5, 0.25])
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), [[1, 0.9], [2, 0.5], [3, 0.25]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert ax.get_legend() is None


def test_losses_kept_every_so_many_epochs_stand_at_their_epochs():
    ax = plots.loss_curve(np.array([3.0, 2.0, 1.0]), every=100)
    assert ax.lines[0].get_xdata().tolist() == [1, 101, 201]


def test_a_history_gives_training_and_validation_loss():
    ax = plots.loss_curve({"loss": [2.0, 1.0], "validation_loss": [3.0, 2.5]})
    assert [line.get_ydata().tolist() for line in ax.lines] == [[2.0, 1.0], [3.0, 2.5]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()  # told apart without colour


@pytest.mark.parametrize("nothing", [[], [None, None], None])
def test_a_history_object_without_validation_gives_one_line(nothing):
    class History:
        def __getitem__(self, name):
            return {"loss": [1.0, 0.5], "validation_loss": nothing}[name]

    assert len(plots.loss_curve(History()).lines) == 1
    assert len(plots.loss_curve({"loss": [1.0]}).lines) == 1


def test_a_mapping_needs_no_validation():
    assert len(plots.loss_curve({"loss": [1.0]}).lines) == 1


def test_a_second_call_adds_a_curve_and_a_legend():
    ax = plots.loss_curve([1.0, 0.5], label="rate 0.01")
    plots.loss_curve({"loss": [1.0, 0.1], "validation_loss": [1.0, 0.2]}, label="rate 0.1", ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "rate 0.01",
        "rate 0.1",
        "rate 0.1, validation",
    ]


def test_the_loss_can_be_logarithmic():
    assert plots.loss_curve([1.0, 0.1], log=True).get_yscale() == "log"
    assert plots.loss_curve([1.0, 0.1]).get_yscale() == "linear"


def test_a_logarithmic_axis_is_labelled_in_plain_numbers():
    ax = plots.loss_curve([0.8, 0.07], log=True)
    ax.figure.draw_without_rendering()
    labels = {label.get_text() for label in ax.get_yticklabels(which="both")}
    assert {"0.1", "0.2"} <= labels


@pytest.mark.parametrize("losses", [[], np.zeros((2, 2))])
def test_what_is_no_curve_is_refused(losses):
    with pytest.raises(ValueError, match="loss curve"):
        plots.loss_curve(losses)


def test_every_must_be_positive():
    with pytest.raises(ValueError, match="every=0"):
        plots.loss_curve([1.0], every=0)


@pytest.mark.parametrize(
    ("losses", "log"),
    [
        ([0.5], False),
        ([0.5], True),
        ([0.5, np.nan, np.inf, 0.2], False),
        ([1.0, 0.1, 0.0, -1.0], True),
        ([np.nan, np.nan], False),
        ([np.nan], True),
        ([0.0, 0.0], True),
        ([1e304, 1e305], False),
        ({"loss": [0.5, 0.4], "validation_loss": [None, 0.5]}, True),
    ],
)
def test_any_run_can_be_drawn(losses, log):
    ax = plots.loss_curve(losses, log=log)
    ax.figure.draw_without_rendering()
    assert all(tick == round(tick) for tick in ax.get_xticks())


def test_one_epoch_is_seen_and_stands_at_1():
    ax = plots.loss_curve([0.5])
    assert ax.lines[0].get_marker() == "o"
    assert ax.get_xlim() == (0.5, 1.5)


def test_nothing_to_see_says_why():
    assert plots.loss_curve([np.nan]).texts[0].get_text() == "no finite loss"
    assert plots.loss_curve([0.0], log=True).texts[0].get_text() == "no positive loss"


def test_a_long_run_that_jumps_is_a_line_of_medians_in_a_shade():
    random = np.random.default_rng(0)
    values = np.exp(random.normal(size=5000))
    ax = plots.loss_curve(values, log=True)
    (line,), (shade,) = ax.lines, ax.collections
    assert len(line.get_xdata()) == 250
    np.testing.assert_allclose(line.get_ydata()[0], np.median(values[:20]))
    heights = shade.get_paths()[0].vertices[:, 1]
    assert heights.min() == values.min()
    assert heights.max() == values.max()


def test_a_long_run_that_falls_is_drawn_as_it_is():
    assert len(plots.loss_curve(np.exp(-np.linspace(0, 3, 5000))).lines[0].get_xdata()) == 5000


def overlaps(ax):
    """Whether the legend lies on a line of the Axes."""
    ax.figure.draw_without_rendering()
    box = ax.get_legend().get_window_extent()
    for line in ax.lines:
        points = ax.transData.transform(line.get_xydata()[np.isfinite(line.get_ydata())])
        dense = np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(points)])
        if np.any((dense > box.p0).all(axis=1) & (dense < box.p1).all(axis=1)):
            return True
    return False


@pytest.mark.parametrize("curves", [2, 3, 5, 8])
def test_a_legend_lies_on_no_curve(curves):
    # Curves that fill the Axes: falling, rising, level, at all heights.
    ax = None
    for number in range(curves):
        level = np.linspace(1.0, 0.0, curves)[number]
        ax = plots.loss_curve([1 - level, level, level, level, 1 - level], label=f"curve {number}", ax=ax)
    assert not overlaps(ax)


def test_the_curves_of_the_learning_rates_are_told_apart_and_free_of_their_legend():
    ax = None
    for points, height in ((100, 0.01), (200, 0.07), (400, 0.1), (1000, 1.0), (2000, 20.0)):
        ax = plots.loss_curve(np.geomspace(0.58, height, 300), label=f"{points} points", log=True, ax=ax)
    assert not overlaps(ax)
    assert len({line.get_color() for line in ax.lines}) == 5
