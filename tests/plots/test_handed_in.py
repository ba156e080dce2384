"""Every plot takes what people hand in, and says what it takes where it cannot."""

import numpy as np
import polars as pl
import pytest
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, MLPClassifier, Network, plots

from .handed_in import FRAME, NAMES, WORDS, X, classifier, classifiers, codes, fit, regressor

pytestmark = pytest.mark.slow

KINDS = classifiers()
SHOWN = {"price in \\$ and US\\$", " _hidden", "two lines"}


@pytest.fixture(params=KINDS)
def handed_in(request):
    return KINDS[request.param]


def labels(ax):
    return {text.get_text() for text in ax.get_legend().get_texts()}


def drawn(ax):
    """The Axes, after a rendering in which every text was typeset; warnings are errors."""
    np.ravel(ax)[0].figure.draw_without_rendering()
    return ax


def test_a_decision_boundary(handed_in):
    model, inputs, y = handed_in
    ax = drawn(plots.decision_boundary(model, inputs, y, resolution=20))
    assert labels(ax) == ({"0", "1", "2"} if y is codes else SHOWN)
    assert ax.get_xlabel() == ("cost_\\$ (\\$)" if inputs is FRAME else "$x_1$")


def test_a_polars_frame_goes_in_as_it_is():
    model, _, _ = KINDS["pipeline"]
    frame = pl.DataFrame({name: FRAME[name].to_numpy() for name in FRAME})
    drawn(plots.decision_boundary(model, frame, WORDS, resolution=10))


def test_a_confusion_matrix_counts_what_the_model_answers(handed_in):
    model, inputs, y = handed_in
    ax = drawn(plots.confusion_matrix(model, inputs, y))
    counts = np.array([int(text.get_text()) for text in ax.texts]).reshape(3, 3)
    assert counts.trace() == np.sum(np.asarray(model.predict(inputs)) == y)
    assert counts.sum() == len(y)


def test_a_model_fitted_on_names_takes_an_array_without_a_warning():
    model, _, _ = KINDS["on a frame"]
    drawn(plots.confusion_matrix(model, X, WORDS))
    drawn(plots.decision_boundary(model, X, WORDS, resolution=10))


def test_a_diagram_has_the_weights_and_the_names(handed_in):
    model, inputs, _ = handed_in
    ax = drawn(plots.network_diagram(model))
    texts = {text.get_text() for text in ax.texts}
    assert ("4 tanh" in texts) or ("4 relu" in texts)
    if inputs is FRAME:
        assert {"cost_\\$ (\\$)", "width"} <= texts
        assert SHOWN & texts


def test_unit_maps_are_over_the_inputs_before_they_are_scaled(handed_in):
    model, inputs, _ = handed_in
    axes = drawn(plots.unit_maps(model, inputs, resolution=10))
    assert len(axes) == 4
    low, high = X[:, 0].min(), X[:, 0].max()
    assert axes[0].get_xlim()[0] < low < high < axes[0].get_xlim()[1]


def test_the_maps_of_a_pipeline_are_those_of_the_scaled_network():
    model, inputs, _ = KINDS["pipeline"]
    scaler, inner = model[0], model[1].to_network()
    (piped, *_), span = plots.unit_maps(model, inputs, resolution=10), X.max(axis=0) - X.min(axis=0)
    low, high = X.min(axis=0) - span / 7, X.max(axis=0) + span / 7
    across, up = (np.linspace(low[axis], high[axis], 10) for axis in (0, 1))
    scaled = (np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2) - scaler.mean_) / scaler.scale_
    A = inner.forward(scaled).A[0]
    levels = piped.collections[0].levels
    assert levels[0] == pytest.approx(A.min())
    assert levels[-1] == pytest.approx(A.max())


def test_a_loss_curve_of_whatever_kept_its_losses(handed_in):
    model, _, _ = handed_in
    if isinstance(model, Network):
        with pytest.raises(
            TypeError, match=r"losses must be a History .* a Network keeps no losses: give what its fit"
        ):
            plots.loss_curve(model)
        return
    (line,) = drawn(plots.loss_curve(model)).lines
    assert len(line.get_xdata()) == 8


def test_several_calls_of_partial_fit_are_one_curve():
    model = classifier()
    for _ in range(5):
        model.partial_fit(X, codes, classes=[0, 1, 2])
    assert len(plots.loss_curve(model).lines[0].get_xdata()) == 5


def test_a_grid_reads_sizes_from_estimators_and_pipelines():
    axes = drawn(plots.hidden_size_grid([KINDS["on a frame"][0], KINDS["pipeline"][0]], FRAME, WORDS, resolution=10))
    assert [ax.get_title().split(",")[0] for ax in axes] == ["h = 4", "h = 4"]
    (legend,) = axes[0].figure.legends
    assert {text.get_text() for text in legend.get_texts()} == SHOWN


def test_regressors():
    model = regressor()
    drawn(plots.residuals(model, X[:, :1], X[:, 1], unit="US$ per m$"))
    drawn(plots.fitted_curves({"a_$": model, "_b": model}, FRAME[["width"]], X[:, 1]))
    drawn(plots.network_diagram(model))
    assert len(plots.loss_curve(model).lines[0].get_xdata()) == 8


UNFITTED = make_pipeline(StandardScaler(), MLPClassifier())
HISTORY = Network([Dense(2, 3, "softmax")]).fit(X, codes, epochs=2, random_state=0, progress=False)
WRONG = {
    "a class": (
        lambda: plots.network_diagram(MLPClassifier),
        TypeError,
        "network must be a Network, a fitted MLPClass",
    ),
    "a history": (lambda: plots.network_diagram(HISTORY), TypeError, "got History"),
    "a scaler": (lambda: plots.network_diagram(StandardScaler()), TypeError, "got StandardScaler"),
    "theirs, unfitted": (lambda: plots.network_diagram(TheirClassifier()), TypeError, "not fitted: call fit first"),
    "unfitted": (lambda: plots.network_diagram(UNFITTED), ValueError, "not fitted yet"),
    "a word": (lambda: plots.confusion_matrix("model", X, codes), TypeError, r"object with predict\(X\), got 'model'"),
    "words for numbers": (
        lambda: plots.confusion_matrix(KINDS["network"][0], X, WORDS),
        ValueError,
        "y holds labels such as '.*', and the model predicts labels such as [012]",
    ),
    "a regressor": (
        lambda: plots.decision_boundary(regressor(), X, codes),
        TypeError,
        "model must be a classifier: MLPRegressor predicts numbers",
    ),
    "a regressor's matrix": (
        lambda: plots.confusion_matrix(regressor(), X[:, :1], codes),
        TypeError,
        "must be a classifier",
    ),
    "a classifier's residuals": (
        lambda: plots.residuals(KINDS["estimator"][0], X, WORDS),
        TypeError,
        "residuals are for regression",
    ),
    "losses of an unfitted pipeline": (lambda: plots.loss_curve(UNFITTED), TypeError, "not fitted: call fit first"),
    "losses in words": (lambda: plots.loss_curve(["a"]), TypeError, "something that is not a number"),
    "a mapping without loss": (lambda: plots.loss_curve({"a": [1.0]}), TypeError, 'a dict without "loss"'),
    "nothing": (lambda: plots.loss_curve(None), TypeError, "got None"),
    "a history for a trail": (lambda: plots.gradient_norms(HISTORY, X, codes), TypeError, r"callbacks=\[trail\]"),
    "a network for a trail": (lambda: plots.update_ratios(KINDS["network"][0]), TypeError, "must be a plots.Trail"),
    "no activation": (lambda: plots.activation(3), TypeError, "function must be an activation"),
    "a typo": (lambda: plots.activation("tnah"), ValueError, "did you mean 'tanh'"),
    "one for several": (lambda: plots.fitted_curves(regressor(), X, codes), TypeError, "models must be several models"),
    "one for a grid": (
        lambda: plots.hidden_size_grid(fit(classifier()), X, codes),
        TypeError,
        "must be several models",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_things_get_a_sentence(what):
    call, error, message = WRONG[what]
    with pytest.raises(error, match=message):
        call()


def test_names_come_out_letter_by_letter():
    ax = drawn(plots.dataset(FRAME, WORDS, title="about $x_$ and $"))
    assert labels(ax) == SHOWN
    assert len(NAMES) == len(SHOWN)
