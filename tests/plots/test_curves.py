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
