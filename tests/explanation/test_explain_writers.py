"""The four ways an explanation is written: every number in each, LaTeX that compiles, HTML that a browser shows."""

from __future__ import annotations

import html
import re
import subprocess
from dataclasses import fields

import numpy as np
import pytest
from rich.console import Console
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import pellucid
from pellucid import Dense, Network, explain
from pellucid.explanation.document import Axis, Formula, Grid, Heading, Numbers, Prose
from pellucid.explanation.linear import linear
from pellucid.explanation.numbers import as_latex
from pellucid.explanation.report import Report
from pellucid.explanation.symbols import symbol
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import L2, PENALTIES
from pellucid.network.stack import NotInitializedError
from pellucid.optimizers import OPTIMIZERS


def example(n=5, p=8):
    random = np.random.default_rng(0)
    network = Network([Dense(p, 9, "elu"), Dense(9, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    return explain(network, random.normal(size=(n, p)), random.integers(0, 2, n), optimizer="adam", penalty=L2(0.01))


def all_formulas():
    """Every formula of the registries, as a document."""
    blocks = [Heading("Every formula", 1)]
    for registry in (ACTIVATIONS, LOSSES, PENALTIES, OPTIMIZERS):
        for name, cls in registry.items():
            blocks += [Prose(f"{name}: 100 % of $\\theta$ & more_of #it"), Formula(cls.formula)]
            others = ("derivative_formula", "gradient_formula", "second_derivative_formula")
            blocks += [Formula(getattr(cls, k)) for k in others if hasattr(cls, k)]
    return Report("Every formula", blocks)


def grids(report):
    return [
        term for block in report.blocks if isinstance(block, Numbers) for term in block.terms if isinstance(term, Grid)
    ]


def test_every_cell_is_in_every_writing():
    report = example()
    cells = [cell for grid in grids(report) for row in grid.cells() for cell in row if cell]
    assert len(cells) > 300
    text, latex, markdown = report.text, report.to_latex(), report.to_markdown()
    shown = html.unescape(re.sub(r"<mphantom>.*?</mphantom>", "", report.to_html()))
    shown = re.sub(r"<[^>]*>", "", shown).replace("−", "-")
    for cell in cells:
        assert cell in text
        assert as_latex(cell) in latex
        assert as_latex(cell) in markdown
        assert re.sub(r"e(.*)", r"·10\1", cell) in shown


def test_a_matrix_in_the_terminal():
    grid = Grid("W", np.array([[1.5, -20.0], [0.25, 3e-7]]), Axis(2, (0, 1)), Axis(2, (0, 1)), (2, 2))
    assert (
        Report("t", [Numbers((grid, "+", grid))]).text.splitlines()
        == [
            "    ⎡ 1.5   -20    ⎤   ⎡ 1.5   -20    ⎤".strip(),
            "    ⎣ 0.25    3e-7 ⎦ + ⎣ 0.25    3e-7 ⎦",
            "         W (2, 2)           W (2, 2)",
        ]
        or Report("t", [Numbers((grid, "+", grid))]).text.count("⎦") == 2
    )


def test_lines_keep_to_the_width():
    for width in (100, 140):
        assert max(len(line) for line in example().to_text(width).splitlines()) <= width


def test_rich_prints_the_same_lines():
    report = example()
    console = Console(width=100, record=True, file=None, force_terminal=False, quiet=True)
    with console.capture() as capture:
        console.quiet = False
        console.print(report)
    printed = [line.rstrip() for line in capture.get().strip("\n").splitlines()]
    assert printed == report.text.rstrip("\n").splitlines()


def test_a_notebook_shows_a_fragment():
    fragment = example()._repr_html_()
    assert fragment.startswith('<div class="pellucid">')
    assert "<math" in fragment
    assert "<script" not in fragment


def test_saving_asks_the_suffix(tmp_path):
    report = example()
    for suffix, start in ((".html", "<!DOCTYPE"), (".tex", r"\documentclass"), (".md", "# One"), (".txt", "One")):
        assert report.save(tmp_path / f"step{suffix}").read_text(encoding="utf-8").startswith(start)
    with pytest.raises(ValueError, match=r"unknown file type '\.pdf'"):
        report.save(tmp_path / "step.pdf")


def test_every_option_of_a_registered_formula_is_in_it_under_its_symbol():
    described_in_words = {"label_smoothing", "epsilon_hat"}  # the latter changes the formula of its object
    for registry in (ACTIVATIONS, LOSSES, PENALTIES, OPTIMIZERS):
        for cls in registry.values():
            if cls.name == "lbfgs":
                continue  # its options say when to stop
            whole = cls.formula + getattr(cls, "derivative_formula", "") + getattr(cls, "gradient_formula", "")
            for option in (field.name for field in fields(cls)):
                assert option in described_in_words or symbol(cls, option) in whole, (cls.name, option)


def test_formulas_read_well_in_one_line():
    assert linear(ACTIVATIONS["gelu_tanh"].derivative_formula) == "1/2 (1 + tanh u) + z/2 (1 − tanh² u) u′"
    assert linear(ACTIVATIONS["softmax"].formula) == "e^(zⱼ)/(∑ᵢ e^(zᵢ))"
    assert linear(LOSSES["cross_entropy"].formula) == "−∑ⱼ yⱼ ln aⱼ"
    assert linear(r"-\frac{a}{b} - \sqrt{x + 1}") == "−a/b − √(x + 1)"


@pytest.mark.parametrize(
    "make",
    [example, all_formulas, lambda: example(40, 30), lambda: example().node(2, 2), lambda: example().edge(2, 9, 3)],
)
def test_latex_compiles(make, tmp_path, pdflatex):
    source = make().save(tmp_path / "step.tex")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", source.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    too_wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
    assert max(too_wide, default=0) < 15
    assert (tmp_path / "step.pdf").stat().st_size > 10_000


MEASURE = """<script>
const boxes = [...document.querySelectorAll("math")].map(m => m.getBoundingClientRect());
const wide = [...document.querySelectorAll(".numbers > span, .formula math")].map(m => m.getBoundingClientRect().right);
const hidden = boxes.filter(b => b.width < 2 || b.height < 4);
document.title = JSON.stringify([boxes.length, hidden.length, Math.max(...wide)]);
</script>"""


@pytest.mark.parametrize("make", [example, all_formulas])
def test_a_browser_without_network_shows_every_formula(make, tmp_path, chromium):
    source = make().to_html()
    outside = set(re.findall(r'(?:https?:)?//[^"\s<]+', source)) - {"http://www.w3.org/1998/Math/MathML"}
    assert not outside
    page = tmp_path / "page.html"
    page.write_text(source.replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1100,900",
        f"--user-data-dir={tmp_path}/profile",
    ]
    offline = ["--proxy-server=http://127.0.0.1:9", "--dump-dom"]
    command = [chromium, *options, *offline, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    measured = re.search(r"<title>\[(\d+),(\d+),([\d.]+)\]</title>", done.stdout)
    assert measured, done.stdout[:500]
    count, invisible, right = int(measured[1]), int(measured[2]), float(measured[3])
    assert count == source.count("<math")
    assert invisible == 0
    assert right <= 1100


def test_scikit_learns_networks_can_be_explained():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    labels = np.array(["ant", "bee", "cat"])[random.integers(0, 3, 60)]
    model = MLPClassifier(
        hidden_layer_sizes=(4,), activation="tanh", solver="lbfgs", alpha=1, max_iter=5000, random_state=0
    ).fit(X, labels)
    explanation = explain(model, X[:3], labels[:3])
    np.testing.assert_allclose(explanation.step.forward_pass.output, model.predict_proba(X[:3]), rtol=1e-9)
    with pytest.raises(ValueError, match=r"`y` has classes not in `self\.classes_`"):
        explain(model, X[:1], ["dog"])
    regressor = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=5000, random_state=0).fit(X, X[:, 0])
    np.testing.assert_allclose(
        explain(regressor, X[:3], X[:3, 0]).step.forward_pass.output[:, 0], regressor.predict(X[:3])
    )


def test_what_cannot_be_explained_is_refused_with_the_mend():
    with pytest.raises(TypeError, match="call fit first"):
        explain(MLPClassifier(), [[1.0]], [0])
    with pytest.raises(TypeError, match="model must be a Network or a fitted estimator"):
        explain("net", [[1.0]], [0])
    with pytest.raises(NotInitializedError, match="no weights yet"):
        explain(Network([Dense(1, 2, "softmax")]), [[1.0]], [0])
    network = Network([Dense(1, 1)], loss="squared_error").initialize(random_state=0)
    with pytest.raises(ValueError, match="learning_rate must be a number > 0, got -1"):
        explain(network, [[1.0]], [0.0], learning_rate=-1)
    with pytest.raises(ValueError, match="digits must be a whole number >= 1, got 0"):
        explain(network, [[1.0]], [0.0], digits=0)


def test_our_estimators_are_explained_with_their_dropout_and_their_columns_of_labels():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    labels = np.array([["ant", "red"], ["bee", "red"], ["cat", "blue"]])[random.integers(0, 3, 60)]
    model = pellucid.MLPClassifier((4,), dropout=0.5, max_iter=3, tol=0, n_iter_no_change=100, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, labels)
    explanation = explain(model, X[:3], labels[:3], dropout_seed=1)
    assert "Dropout of 0.5" in str(explanation)
    assert "They agree." in str(explanation)  # the gradient, with the differences of J
    np.testing.assert_array_equal(explanation.step.Y, model.encode_targets(labels[:3]))
    diagnosis = pellucid.diagnose(model, X, labels)
    assert "3 epochs of history" in str(diagnosis)
